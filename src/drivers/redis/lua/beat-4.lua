-- A host was heard of; a silent one is offered again.
--
-- KEYS  1 hosts  2 host:records  3 host:taken  4 host:beats
-- ARGV  1 address
-- Gives 1; 0 when it is not registered.
local record = redis.call('HGET', KEYS[2], ARGV[1])
if not record then
  return 0
end
redis.call('ZADD', KEYS[4], now(), ARGV[1])
local capacity, draining, silent, rest = string.match(record, '^(%d+) (%d) (%d) (.*)$')
if silent == '1' then
  record = table.concat({ capacity, draining, '0', rest }, ' ')
  redis.call('HSET', KEYS[2], ARGV[1], record)
  offer(KEYS[1], ARGV[1], record, tonumber(redis.call('HGET', KEYS[3], ARGV[1])))
end
return 1
