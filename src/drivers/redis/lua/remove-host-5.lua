-- Forgets a host that has no sandboxes.
--
-- KEYS  1 hosts  2 host:records  3 host:taken  4 host:beats  5 host:loads
-- ARGV  1 address
-- Gives 1; 0 when it is not registered; -1 when sandboxes hold slots of it.
local taken = redis.call('HGET', KEYS[3], ARGV[1])
if not taken then
  return 0
end
if tonumber(taken) > 0 then
  return -1
end
redis.call('ZREM', KEYS[1], ARGV[1])
redis.call('HDEL', KEYS[2], ARGV[1])
redis.call('HDEL', KEYS[3], ARGV[1])
redis.call('ZREM', KEYS[4], ARGV[1])
redis.call('HDEL', KEYS[5], ARGV[1])
return 1
