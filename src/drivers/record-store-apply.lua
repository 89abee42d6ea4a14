-- Applies a batch of changes to a zone's records, all or none.
-- KEYS: 1 hash {"NAME TYPE": "SERIAL JSON"}, 2 serial, 3 stream of updates, whose ids are SERIAL-0
-- ARGV: 1 number of requirements, then for each: field, "absent" | "present" | serial
--       then the update as JSON, then for each change: field, RRset as JSON or "" to delete it
-- Result: {1, new serial}, or {0, index of the first requirement that does not hold, from 0}
local count = tonumber(ARGV[1])
for index = 0, count - 1 do
  local value = redis.call('HGET', KEYS[1], ARGV[2 + 2 * index])
  local is = ARGV[3 + 2 * index]
  local holds
  if is == 'absent' then
    holds = not value
  elseif is == 'present' then
    holds = value
  else
    holds = value and string.match(value, '^%d+') == is
  end
  if not holds then
    return { 0, index }
  end
end

local serial = redis.call('INCR', KEYS[2])
local at = 2 + 2 * count
local function publish()
  return redis.pcall('XADD', KEYS[3], 'MAXLEN', '~', 10000, string.format('%.0f-0', serial), 'changes', ARGV[at])
end
-- Only a serial that went backwards (restored from elsewhere) makes this fail: readers then start afresh.
if publish().err then
  redis.call('DEL', KEYS[3])
  publish()
end
for index = at + 1, #ARGV, 2 do
  if ARGV[index + 1] == '' then
    redis.call('HDEL', KEYS[1], ARGV[index])
  else
    redis.call('HSET', KEYS[1], ARGV[index], string.format('%.0f ', serial) .. ARGV[index + 1])
  end
end
return { 1, serial }
