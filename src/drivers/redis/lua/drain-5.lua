-- An operator's word: the host takes no new sandboxes, or does again.
--
-- KEYS  1 hosts  2 host:records  3 host:taken  4 host:beats  5 host:loads
-- ARGV  1 address  2 1 to drain, 0 to take new ones again
-- Gives {address, record, taken, last beat, load}; false when it is not registered.
local record = redis.call('HGET', KEYS[2], ARGV[1])
if not record then
  return false
end
local capacity, rest = string.match(record, '^(%d+) %d (.*)$')
record = table.concat({ capacity, ARGV[2], rest }, ' ')
redis.call('HSET', KEYS[2], ARGV[1], record)
local taken = tonumber(redis.call('HGET', KEYS[3], ARGV[1]))
offer(KEYS[1], ARGV[1], record, taken)
return { ARGV[1], record, taken, redis.call('ZSCORE', KEYS[4], ARGV[1]), redis.call('HGET', KEYS[5], ARGV[1]) }
