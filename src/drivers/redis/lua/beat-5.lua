-- A host was heard of, and how it is; a silent one is offered again, one under pressure is not.
--
-- KEYS  1 hosts  2 host:records  3 host:taken  4 host:beats  5 host:loads
-- ARGV  1 address  2 its pressure, `-` for none  3 JSON of its load; with an empty one both stay as they were
-- Gives 1; 0 when it is not registered.
local record = redis.call('HGET', KEYS[2], ARGV[1])
if not record then
  return 0
end
redis.call('ZADD', KEYS[4], now(), ARGV[1])
local capacity, draining, silence, pressure, rest = string.match(record, '^(%d+) (%d) (%d) (%S+) (.*)$')
local next = pressure
if ARGV[3] ~= '' then
  next = ARGV[2]
  redis.call('HSET', KEYS[5], ARGV[1], ARGV[3])
end
if silence ~= '0' or next ~= pressure then
  record = table.concat({ capacity, draining, '0', next, rest }, ' ')
  redis.call('HSET', KEYS[2], ARGV[1], record)
  offer(KEYS[1], ARGV[1], record, tonumber(redis.call('HGET', KEYS[3], ARGV[1])))
end
return 1
