-- Nothing is left of a launch.
--
-- KEYS  1 launches  2 launch:fence
-- ARGV  1 fence  2 id
-- Gives 1, or 0 if it was not there or the fence is too old.
if not isCurrent(KEYS[2], ARGV[1]) then
  return 0
end
return redis.call('HDEL', KEYS[1], ARGV[2])
