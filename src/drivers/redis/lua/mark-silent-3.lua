-- Takes the hosts out that were not heard of for some time.
--
-- KEYS  1 hosts  2 host:records  3 host:beats
-- ARGV  1 milliseconds without a beat after which a host is silent  2 after which it is lost
-- Gives the addresses of those newly silent or newly lost.
-- Time O(hosts not heard of).
local newly = {}
local function mark(silence, afterMs)
  local latest = string.format('%.0f', now() - afterMs)
  for _, address in ipairs(redis.call('ZRANGEBYSCORE', KEYS[3], '-inf', latest)) do
    local record = redis.call('HGET', KEYS[2], address)
    local capacity, draining, known, rest = string.match(record, '^(%d+) (%d) (%d) (.*)$')
    if known < silence then
      redis.call('HSET', KEYS[2], address, table.concat({ capacity, draining, silence, rest }, ' '))
      redis.call('ZREM', KEYS[1], address)
      newly[#newly + 1] = address
    end
  end
end
mark('2', ARGV[2])
mark('1', ARGV[1])
return newly
