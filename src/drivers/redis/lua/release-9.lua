-- Forgets a sandbox and gives its slot, name and port back.
--
-- KEYS  1 hosts  2 host:records  3 host:taken  4 ports  5 sandbox:records  6 sandbox:names  7 sandbox:events:ID
--       8 sandbox:deleted  9 moves
-- ARGV  1 id  2 milliseconds its story is kept from now on  3 milliseconds it is known that it was deleted
--       4 1 when it may return, so that it is not known
-- Gives 1; 0 when there is no such sandbox. That it was deleted is known on in either case: a store that was emptied
-- meanwhile would take the container in again.
local time = now()
if ARGV[4] ~= '1' then
  redis.call('ZADD', KEYS[8], time, ARGV[1])
end
redis.call('ZREMRANGEBYSCORE', KEYS[8], '-inf', string.format('%.0f', time - ARGV[3]))
local sandbox = redis.call('HGET', KEYS[5], ARGV[1])
if not sandbox then
  return 0
end
local address, subdomain, name = string.match(sandbox, '^%S+ (%S+) %S+ %S+ %S+ (%S+) (%S+) ')
redis.call('HDEL', KEYS[5], ARGV[1])
redis.call('HDEL', KEYS[6], subdomain, name)
redis.call('HDEL', KEYS[4], subdomain)
redis.call('PEXPIRE', KEYS[7], ARGV[2])
giveBack(KEYS[9], KEYS[1], KEYS[2], KEYS[3], ARGV[1])
local taken = redis.call('HINCRBY', KEYS[3], address, -1)
offer(KEYS[1], address, redis.call('HGET', KEYS[2], address), taken)
return 1
