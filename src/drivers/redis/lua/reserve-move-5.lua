-- A living sandbox is about to live on another host: a slot is held for it there, beside the one it has.
--
-- KEYS  1 hosts  2 host:records  3 host:taken  4 sandbox:records  5 moves
-- ARGV  1 id  2 address it is to live at
-- Gives 1; 0 when it does not live, or lives there already; -1 when the host may take no more. A slot held elsewhere is
-- given back first if there is one here.
local id, to = unpack(ARGV)
local sandbox = redis.call('HGET', KEYS[4], id)
if not sandbox then
  return 0
end
local state, address = string.match(sandbox, '^(%S+) (%S+) ')
if not isLiving(state) or address == to then
  return 0
end
if redis.call('HGET', KEYS[5], id) == to then
  return 1
end
if not redis.call('ZSCORE', KEYS[1], to) then
  return -1
end
giveBack(KEYS[5], KEYS[1], KEYS[2], KEYS[3], id)
redis.call('HSET', KEYS[5], id, to)
local taken = redis.call('HINCRBY', KEYS[3], to, 1)
offer(KEYS[1], to, redis.call('HGET', KEYS[2], to), taken)
return 1
