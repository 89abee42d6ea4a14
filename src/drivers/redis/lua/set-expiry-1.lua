-- When a sandbox ends.
--
-- KEYS  1 sandbox:records
-- ARGV  1 id  2 milliseconds since the epoch, 0 for never
-- Gives its record; false when there is no such sandbox or it is being deleted.
local sandbox = redis.call('HGET', KEYS[1], ARGV[1])
if not sandbox or string.match(sandbox, '^deleting ') then
  return false
end
-- Within a text of the JSON the quotes would be escaped, so this is the field.
local changed = string.gsub(sandbox, '"expiresAt":%d+', '"expiresAt":' .. ARGV[2], 1)
if changed ~= sandbox then
  redis.call('HSET', KEYS[1], ARGV[1], changed)
end
return changed
