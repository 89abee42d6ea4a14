-- The machine of this token tells what it is doing.
--
-- KEYS  1 launches
-- ARGV  1 hash of the token  2 what it is doing
-- Gives the launch as JSON; false if there is none of this token. Time O(launches).
local all = redis.call('HGETALL', KEYS[1])
for index = 1, #all, 2 do
  local launch = cjson.decode(all[index + 1])
  if ARGV[1] ~= '' and launch.joinHash == ARGV[1] then
    launch.step = ARGV[2]
    local record = cjson.encode(launch)
    redis.call('HSET', KEYS[1], all[index], record)
    return record
  end
end
return false
