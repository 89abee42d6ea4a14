-- Which of these sandboxes were deleted lately.
--
-- KEYS  1 sandbox:deleted
-- ARGV  1 milliseconds it is known  2... ids
-- Gives their ids.
local time, found = now(), {}
for index = 2, #ARGV do
  local at = redis.call('ZSCORE', KEYS[1], ARGV[index])
  if at and time - at < tonumber(ARGV[1]) then
    found[#found + 1] = ARGV[index]
  end
end
return found
