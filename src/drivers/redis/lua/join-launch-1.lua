-- A manager comes with the token of its launch.
--
-- KEYS  1 launches
-- ARGV  1 hash of the token  2 address
-- Gives the launch as JSON; false if there is none of this token, it ends, or it joined from another address.
-- Time O(launches).
local all = redis.call('HGETALL', KEYS[1])
for index = 1, #all, 2 do
  local launch = cjson.decode(all[index + 1])
  if ARGV[1] ~= '' and launch.joinHash == ARGV[1] then
    if launch.state == 'ending' or (launch.state == 'joined' and launch.address ~= ARGV[2]) then
      return false
    end
    if launch.state ~= 'joined' then
      launch.state, launch.address, launch.changedAt = 'joined', ARGV[2], tonumber(now())
      redis.call('HSET', KEYS[1], all[index], cjson.encode(launch))
    end
    return cjson.encode(launch)
  end
end
return false
