-- A living sandbox lives on another host now: in the slot that was held for it there.
--
-- KEYS  1 hosts  2 host:records  3 host:taken  4 ports  5 sandbox:records  6 moves
-- ARGV  1 id  2 address it lives at  3 address it is to live at  4 port there
-- Gives 1, also when it was done before; 0 when it does not live there, or not any more; -1 when no slot is held.
local id, from, to, port = unpack(ARGV)
local sandbox = redis.call('HGET', KEYS[5], id)
if not sandbox or from == to then
  return 0
end
local state, address, at, createdAt, subdomain, rest =
  string.match(sandbox, '^(%S+) (%S+) (%S+) %S+ (%S+) (%S+) (.*)$')
if address == to and at == port and isLiving(state) then
  return 1
end
if address ~= from or not isLiving(state) then
  return 0
end
if redis.call('HGET', KEYS[6], id) ~= to then
  return -1
end
giveBack(KEYS[6], KEYS[1], KEYS[2], KEYS[3], id)
for there, change in pairs({ [from] = -1, [to] = 1 }) do
  local taken = redis.call('HINCRBY', KEYS[3], there, change)
  offer(KEYS[1], there, redis.call('HGET', KEYS[2], there), taken)
end
redis.call('HSET', KEYS[5], id, table.concat({ state, to, port, now(), createdAt, subdomain, rest }, ' '))
redis.call('HSET', KEYS[4], subdomain, port)
return 1
