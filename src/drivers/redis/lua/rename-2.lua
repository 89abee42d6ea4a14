-- A sandbox gets another name; the old one is free.
--
-- KEYS  1 sandbox:records  2 sandbox:names
-- ARGV  1 id  2 name
-- Gives 1; 0 when there is no such sandbox or it is being deleted; -1 when the name is another's.
local sandbox = redis.call('HGET', KEYS[1], ARGV[1])
if not sandbox then
  return 0
end
local state, before, subdomain, name, rest = string.match(sandbox, '^(%S+) (%S+ %S+ %S+ %S+) (%S+) (%S+) (.*)$')
if state == 'deleting' then
  return 0
end
if name == ARGV[2] then
  return 1
end
if ARGV[2] ~= subdomain and (redis.call('HEXISTS', KEYS[1], ARGV[2]) == 1 or redis.call('HEXISTS', KEYS[2], ARGV[2]) == 1) then
  return -1
end
if name ~= subdomain then
  redis.call('HDEL', KEYS[2], name)
end
redis.call('HSET', KEYS[2], ARGV[2], ARGV[1])
redis.call('HSET', KEYS[1], ARGV[1], table.concat({ state, before, subdomain, ARGV[2], rest }, ' '))
return 1
