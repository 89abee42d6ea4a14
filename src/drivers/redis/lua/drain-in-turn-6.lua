-- Whose turn it is says: the host takes no new sandboxes.
--
-- KEYS  1 hosts  2 host:records  3 host:taken  4 host:beats  5 host:loads  6 lease:NAME
-- ARGV  1 address  2 fence  3 1 to do so only if it has no sandboxes
-- Gives {address, record, taken, last beat, load}; false when it is not registered, has some, or another turn has begun.
local record = redis.call('HGET', KEYS[2], ARGV[1])
if not record or redis.call('HGET', KEYS[6], 'fence') ~= ARGV[2] then
  return false
end
local taken = tonumber(redis.call('HGET', KEYS[3], ARGV[1]))
if ARGV[3] == '1' and taken > 0 then
  return false
end
local capacity, rest = string.match(record, '^(%d+) %d (.*)$')
record = table.concat({ capacity, '1', rest }, ' ')
redis.call('HSET', KEYS[2], ARGV[1], record)
offer(KEYS[1], ARGV[1], record, taken)
return { ARGV[1], record, taken, redis.call('ZSCORE', KEYS[4], ARGV[1]), redis.call('HGET', KEYS[5], ARGV[1]) }
