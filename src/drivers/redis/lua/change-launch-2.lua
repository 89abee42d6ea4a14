-- Changes a launch that is in one of these states.
--
-- KEYS  1 launches  2 launch:fence
-- ARGV  1 fence  2 id  3 changes as JSON  4... states
-- Gives the launch as JSON; false from any other state, if unknown, or if the fence is too old.
if not isCurrent(KEYS[2], ARGV[1]) then
  return false
end
local record = redis.call('HGET', KEYS[1], ARGV[2])
if not record then
  return false
end
local launch = cjson.decode(record)
local isFrom = false
for index = 4, #ARGV do
  isFrom = isFrom or ARGV[index] == launch.state
end
if not isFrom then
  return false
end
local before = launch.state
for name, value in pairs(cjson.decode(ARGV[3])) do
  launch[name] = value
end
if launch.state ~= before then
  launch.changedAt = tonumber(now())
end
record = cjson.encode(launch)
redis.call('HSET', KEYS[1], ARGV[2], record)
return record
