-- Functions: which hosts are offered for placement.
--
-- A host's record is `capacity draining silence pressure registeredAt facts`: draining is 0 or 1, silence 0 heard of, 1 silent,
-- 2 lost, pressure `-` for none, facts JSON that scripts do not look into.

-- Puts the host into the sorted set with its number of sandboxes if it may take one more, else takes it out.
local function offer(hosts, address, record, taken)
  local capacity, draining, silence, pressure = string.match(record, '^(%d+) (%d) (%d) (%S+) ')
  if draining == '0' and silence == '0' and pressure == '-' and taken < tonumber(capacity) then
    redis.call('ZADD', hosts, taken, address)
  else
    redis.call('ZREM', hosts, address)
  end
end
