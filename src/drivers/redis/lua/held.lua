-- Functions: slots that are held for sandboxes on their way to another host.

-- Gives back the slot that is held for this sandbox, if one is. Needs `offer`.
local function giveBack(moves, hosts, records, taken, id)
  local held = redis.call('HGET', moves, id)
  if not held then
    return 0
  end
  redis.call('HDEL', moves, id)
  local left = redis.call('HINCRBY', taken, held, -1)
  offer(hosts, held, redis.call('HGET', records, held), left)
  return 1
end
