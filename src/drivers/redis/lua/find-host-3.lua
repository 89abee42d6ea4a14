-- A host by its address.
--
-- KEYS  1 host:records  2 host:taken  3 host:beats
-- ARGV  1 address
-- Gives {address, record, taken, last beat}; false when it is not registered.
local record = redis.call('HGET', KEYS[1], ARGV[1])
return record
  and { ARGV[1], record, tonumber(redis.call('HGET', KEYS[2], ARGV[1])), redis.call('ZSCORE', KEYS[3], ARGV[1]) }
