-- Functions: hosts that take no new sandboxes, or do again.

-- Of a host whose record this is. Needs `offer`, and KEYS 1 to 5: hosts, host:records, host:taken, host:beats, host:loads.
-- Gives {address, record, taken, last beat, load}.
local function setDraining(address, record, draining)
  local capacity, rest = string.match(record, '^(%d+) %d (.*)$')
  record = table.concat({ capacity, draining, rest }, ' ')
  redis.call('HSET', KEYS[2], address, record)
  local taken = tonumber(redis.call('HGET', KEYS[3], address))
  offer(KEYS[1], address, record, taken)
  return { address, record, taken, redis.call('ZSCORE', KEYS[4], address), redis.call('HGET', KEYS[5], address) }
end
