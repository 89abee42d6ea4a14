-- The join token of the host at this address is of no use any more.
--
-- KEYS  1 launches
-- ARGV  1 address
-- Time O(launches).
local all = redis.call('HGETALL', KEYS[1])
for index = 1, #all, 2 do
  local launch = cjson.decode(all[index + 1])
  if launch.address == ARGV[1] and launch.joinHash ~= '' then
    launch.joinHash = ''
    redis.call('HSET', KEYS[1], all[index], cjson.encode(launch))
  end
end
return 1
