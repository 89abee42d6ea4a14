-- An operator's word: the host takes no new sandboxes, or does again.
--
-- KEYS  1 hosts  2 host:records  3 host:taken  4 host:beats  5 host:loads
-- ARGV  1 address  2 1 to drain, 0 to take new ones again
-- Gives {address, record, taken, last beat, load}; false when it is not registered.
local record = redis.call('HGET', KEYS[2], ARGV[1])
return record and setDraining(ARGV[1], record, ARGV[2])
