-- Takes the hosts out that were not heard of for some time.
--
-- KEYS  1 hosts  2 host:records  3 host:beats
-- ARGV  1 milliseconds without a beat after which a host is silent
-- Gives the addresses of those newly silent.
-- Time O(hosts not heard of).
local newly = {}
local latest = string.format('%.0f', now() - ARGV[1])
for _, address in ipairs(redis.call('ZRANGEBYSCORE', KEYS[3], '-inf', latest)) do
  local capacity, draining, silent, rest = string.match(redis.call('HGET', KEYS[2], address), '^(%d+) (%d) (%d) (.*)$')
  if silent == '0' then
    redis.call('HSET', KEYS[2], address, table.concat({ capacity, draining, '1', rest }, ' '))
    redis.call('ZREM', KEYS[1], address)
    newly[#newly + 1] = address
  end
end
return newly
