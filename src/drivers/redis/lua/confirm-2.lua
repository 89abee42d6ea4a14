-- A placed sandbox runs, on this port; one that sleeps or is stopped is found on this port.
--
-- KEYS  1 sandbox:records  2 ports
-- ARGV  1 id  2 port
-- Gives 1; 0 when there is no such sandbox or it is being deleted.
local sandbox = redis.call('HGET', KEYS[1], ARGV[1])
if not sandbox then
  return 0
end
local state, host, port, rest = string.match(sandbox, '^(%S+) (%S+) (%S+) %S+ (.*)$')
if state == 'deleting' then
  return 0
end
if state == 'placing' or port ~= ARGV[2] then
  local subdomain = string.match(rest, '^%S+ (%S+)')
  redis.call('HSET', KEYS[1], ARGV[1], table.concat({ isLiving(state) and state or 'running', host, ARGV[2], now(), rest }, ' '))
  redis.call('HSET', KEYS[2], subdomain, ARGV[2])
end
return 1
