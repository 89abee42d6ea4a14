-- A machine that is being asked for is asked for as another offering, if what all may cost allows it.
--
-- KEYS  1 launches  2 launch:fence
-- ARGV  1 fence  2 id  3 offering as JSON  4 most dollars an hour, empty for any sum
-- Gives `ordered`, `spend`, or `stale`, also when it is not being asked for (any more). Time O(launches).
if not isCurrent(KEYS[2], ARGV[1]) then
  return 'stale'
end
local record = redis.call('HGET', KEYS[1], ARGV[2])
local launch = record and cjson.decode(record)
if not launch or launch.state ~= 'ordered' then
  return 'stale'
end
local offering = cjson.decode(ARGV[3])
if ARGV[4] ~= '' then
  local hourly = offering.hourly or 0
  for _, text in ipairs(redis.call('HVALS', KEYS[1])) do
    local other = cjson.decode(text)
    if other.id ~= launch.id then
      hourly = hourly + (other.offering.hourly or 0)
    end
  end
  if hourly > tonumber(ARGV[4]) then
    return 'spend'
  end
end
launch.offering, launch.attempt = offering, launch.attempt + 1
redis.call('HSET', KEYS[1], ARGV[2], cjson.encode(launch))
return 'ordered'
