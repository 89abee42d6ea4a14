-- Writes a sandbox as it was found on its host. It takes a slot there, also beyond the host's capacity.
--
-- KEYS  1 hosts  2 host:records  3 host:taken  4 ports  5 sandbox:records  6 sandbox:names  7 sandbox:deleted
--       8 sandbox:events:ID
-- ARGV  1 id  2 subdomain  3 name  4 JSON of the rest of the record  5 state  6 host's address  7 port  8 created at
--       9 milliseconds it is known that a sandbox was deleted
-- Gives 1; 0 when it is known; -1 when its name, subdomain or id is another's; -2 when it was deleted; -3 when its host
-- is not registered.
local id, subdomain, name, rest, state, address, port, createdAt = unpack(ARGV)
local known = redis.call('HMGET', KEYS[5], id, subdomain, name)
if known[1] then
  return 0
end
local time = now()
local deleted = redis.call('ZSCORE', KEYS[7], id)
if deleted and time - deleted < tonumber(ARGV[9]) then
  return -2
end
local named = redis.call('HMGET', KEYS[6], id, subdomain, name)
if known[2] or known[3] or named[1] or named[2] or named[3] then
  return -1
end
local record = redis.call('HGET', KEYS[2], address)
if not record then
  return -3
end
local taken = redis.call('HINCRBY', KEYS[3], address, 1)
offer(KEYS[1], address, record, taken)
redis.call('HSET', KEYS[5], id, table.concat({ state, address, port, time, createdAt, subdomain, name, rest }, ' '))
redis.call('HSET', KEYS[6], subdomain, id, name, id)
redis.call('HSET', KEYS[4], subdomain, port)
redis.call('PERSIST', KEYS[8])
return 1
