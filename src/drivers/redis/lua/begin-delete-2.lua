-- A sandbox is being deleted: its port goes at once, its slot and name stay taken until it is released.
--
-- KEYS  1 sandbox:records  2 ports
-- ARGV  1 id
-- Gives its record; false when there is no such sandbox.
local sandbox = redis.call('HGET', KEYS[1], ARGV[1])
if not sandbox then
  return false
end
local state, host, port, rest = string.match(sandbox, '^(%S+) (%S+) (%S+) %S+ (.*)$')
if state == 'deleting' then
  return sandbox
end
sandbox = table.concat({ 'deleting', host, port, now(), rest }, ' ')
redis.call('HSET', KEYS[1], ARGV[1], sandbox)
redis.call('HDEL', KEYS[2], (string.match(rest, '^%S+ (%S+)')))
return sandbox
