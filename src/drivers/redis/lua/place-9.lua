-- Takes a slot on the host with the fewest sandboxes, and writes the sandbox as `placing`.
--
-- KEYS  1 hosts  2 host:records  3 host:taken  4 host:beats  5 sandbox:records  6 sandbox:names  7 sandbox:events:ID
--       8 sandbox:deleted  9 host:loads
-- ARGV  1 id  2 subdomain  3 name  4 JSON of the rest of the record  5 most sandboxes of the fleet, 0 for any number
--       6 address of the only host to take, empty for any  7... addresses of hosts to pass over
-- Gives {1, sandbox's record, host's address, record, taken, last beat, load} when it has a place, now or since before;
--       {0} when no host has a free slot; {-1} when the name, subdomain or id is another's;
--       {-2, sandboxes} when the fleet has as many as it may.
-- Time O(log hosts + hosts passed over).
--
-- A sandbox's record is `state host port updatedAt createdAt subdomain name rest`.
local id, subdomain, name = ARGV[1], ARGV[2], ARGV[3]

local function placed(sandbox, address, record, taken)
  local beat, load = redis.call('ZSCORE', KEYS[4], address), redis.call('HGET', KEYS[9], address)
  return { 1, sandbox, address, record, taken, beat, load }
end

local known = redis.call('HMGET', KEYS[5], id, subdomain, name)
if known[1] then
  local address = string.match(known[1], '^%S+ (%S+)')
  return placed(known[1], address, redis.call('HGET', KEYS[2], address), tonumber(redis.call('HGET', KEYS[3], address)))
end
local named = redis.call('HMGET', KEYS[6], id, subdomain, name)
if known[2] or known[3] or named[1] or named[2] or named[3] then
  return { -1 }
end

local most = tonumber(ARGV[5])
if most > 0 then
  local sandboxes = redis.call('HLEN', KEYS[5])
  if sandboxes >= most then
    return { -2, sandboxes }
  end
end

local candidates
if ARGV[6] ~= '' then
  candidates = redis.call('ZSCORE', KEYS[1], ARGV[6]) and { ARGV[6] } or {}
else
  candidates = redis.call('ZRANGE', KEYS[1], 0, #ARGV - 6)
end
local address
for _, candidate in ipairs(candidates) do
  local isExcluded = false
  for index = 7, #ARGV do
    isExcluded = isExcluded or ARGV[index] == candidate
  end
  if not isExcluded then
    address = candidate
    break
  end
end
if not address then
  return { 0 }
end

local time = now()
local sandbox = table.concat({ 'placing', address, '0', time, time, subdomain, name, ARGV[4] }, ' ')
local record = redis.call('HGET', KEYS[2], address)
local taken = redis.call('HINCRBY', KEYS[3], address, 1)
offer(KEYS[1], address, record, taken)
redis.call('HSET', KEYS[5], id, sandbox)
redis.call('HSET', KEYS[6], subdomain, id, name, id)
redis.call('PERSIST', KEYS[7])
redis.call('ZREM', KEYS[8], id)
return placed(sandbox, address, record, taken)
