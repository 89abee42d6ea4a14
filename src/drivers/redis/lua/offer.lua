-- Functions: which hosts are offered for placement.
--
-- A host's record is `capacity draining silent registeredAt facts`, where draining and silent are 0 or 1 and facts is
-- JSON that scripts do not look into.

-- Puts the host into the sorted set with its number of sandboxes if it may take one more, else takes it out.
local function offer(hosts, address, record, taken)
  local capacity, draining, silent = string.match(record, '^(%d+) (%d) (%d) ')
  if draining == '0' and silent == '0' and taken < tonumber(capacity) then
    redis.call('ZADD', hosts, taken, address)
  else
    redis.call('ZREM', hosts, address)
  end
end
