-- A host by its address.
--
-- KEYS  1 host:records  2 host:taken  3 host:beats  4 host:loads
-- ARGV  1 address
-- Gives {address, record, taken, last beat, load}; false when it is not registered.
local record = redis.call('HGET', KEYS[1], ARGV[1])
if not record then
  return false
end
local taken = tonumber(redis.call('HGET', KEYS[2], ARGV[1]))
return { ARGV[1], record, taken, redis.call('ZSCORE', KEYS[3], ARGV[1]), redis.call('HGET', KEYS[4], ARGV[1]) }
