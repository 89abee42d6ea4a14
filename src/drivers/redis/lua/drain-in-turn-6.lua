-- Whose turn it is says: the host takes no new sandboxes.
--
-- KEYS  1 hosts  2 host:records  3 host:taken  4 host:beats  5 host:loads  6 lease:NAME
-- ARGV  1 address  2 fence  3 1 to do so only if it has no sandboxes
-- Gives {address, record, taken, last beat, load}; false when it is not registered, has some, or another turn has begun.
local record = redis.call('HGET', KEYS[2], ARGV[1])
if not record or redis.call('HGET', KEYS[6], 'fence') ~= ARGV[2] then
  return false
end
if ARGV[3] == '1' and tonumber(redis.call('HGET', KEYS[3], ARGV[1])) > 0 then
  return false
end
return setDraining(ARGV[1], record, '1')
