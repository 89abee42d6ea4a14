-- Writes down that a machine is to be asked for, if the limits allow one more.
--
-- KEYS  1 launches  2 launch:times  3 launch:fence
-- ARGV  1 fence  2 id  3 launch as JSON  4 most machines  5 most in an hour  6 most dollars an hour, empty for any sum
-- Gives `ordered`, or what stands in the way: `stale`, `hosts`, `rate`, `spend`. Time O(launches).
if not isCurrent(KEYS[3], ARGV[1]) then
  return 'stale'
end
if redis.call('HEXISTS', KEYS[1], ARGV[2]) == 1 then
  return 'ordered'
end
local time = now()
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', string.format('%.0f', time - 3600000))
if redis.call('HLEN', KEYS[1]) >= tonumber(ARGV[4]) then
  return 'hosts'
end
if redis.call('ZCARD', KEYS[2]) >= tonumber(ARGV[5]) then
  return 'rate'
end
local launch = cjson.decode(ARGV[3])
if ARGV[6] ~= '' then
  local hourly = launch.offering.hourly or 0
  for _, other in ipairs(redis.call('HVALS', KEYS[1])) do
    hourly = hourly + (cjson.decode(other).offering.hourly or 0)
  end
  if hourly > tonumber(ARGV[6]) then
    return 'spend'
  end
end
launch.orderedAt, launch.changedAt = tonumber(time), tonumber(time)
redis.call('HSET', KEYS[1], ARGV[2], cjson.encode(launch))
redis.call('ZADD', KEYS[2], time, ARGV[2])
return 'ordered'
