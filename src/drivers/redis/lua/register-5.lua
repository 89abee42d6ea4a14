-- A new or returning host; what it holds and an operator's `draining` stay.
--
-- KEYS  1 hosts  2 host:records  3 host:taken  4 host:beats  5 host:loads
-- ARGV  1 address  2 capacity  3 JSON of the rest of the record
-- Gives {address, record, taken, last beat, load}.
local time = now()
local draining, pressure, registeredAt = '0', '-', time
local known = redis.call('HGET', KEYS[2], ARGV[1])
if known then
  draining, pressure, registeredAt = string.match(known, '^%d+ (%d) %d (%S+) (%d+) ')
end
local record = table.concat({ ARGV[2], draining, '0', pressure, registeredAt, ARGV[3] }, ' ')
redis.call('HSET', KEYS[2], ARGV[1], record)
redis.call('ZADD', KEYS[4], time, ARGV[1])
local taken = redis.call('HINCRBY', KEYS[3], ARGV[1], 0)
offer(KEYS[1], ARGV[1], record, taken)
return { ARGV[1], record, taken, time, redis.call('HGET', KEYS[5], ARGV[1]) }
