-- A sandbox that is there runs, sleeps or is stopped; its port stays.
--
-- KEYS  1 sandbox:records
-- ARGV  1 id  2 state
-- Gives {record, state before}; false when there is no such sandbox, or it is being placed or deleted.
local sandbox = redis.call('HGET', KEYS[1], ARGV[1])
if not sandbox then
  return false
end
local state, host, port, rest = string.match(sandbox, '^(%S+) (%S+) (%S+) %S+ (.*)$')
if not isLiving(state) then
  return false
end
if state ~= ARGV[2] then
  sandbox = table.concat({ ARGV[2], host, port, now(), rest }, ' ')
  redis.call('HSET', KEYS[1], ARGV[1], sandbox)
end
return { sandbox, state }
