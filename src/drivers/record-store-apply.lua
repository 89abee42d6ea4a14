-- Applies a batch of changes to a zone's records, all or none.
-- KEYS: 1 hash {"NAME TYPE": "SERIAL JSON"}, 2 serial, 3 stream of updates, whose ids are SERIAL-0, 4 epoch
-- ARGV: 1 serial the caller knows, 2 the epoch that begins if there is none: nothing was written yet, or all was lost
--       3 number of requirements, then for each: field, "absent" | "present" | serial
--       then the update as JSON, then for each change: field, RRset as JSON or "" to delete it
-- Result: {1, new serial, epoch}, or {0, index of the first requirement that does not hold, from 0}
local count = tonumber(ARGV[3])
for index = 0, count - 1 do
  local value = redis.call('HGET', KEYS[1], ARGV[4 + 2 * index])
  local is = ARGV[5 + 2 * index]
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

local epoch = redis.call('GET', KEYS[4])
if not epoch then
  epoch = ARGV[2]
  redis.call('SET', KEYS[4], epoch)
  -- A zone's serial only grows (RFC 1982), also past what was lost.
  if tonumber(redis.call('GET', KEYS[2]) or 0) < tonumber(ARGV[1]) then
    redis.call('SET', KEYS[2], ARGV[1])
  end
end
local serial = redis.call('INCR', KEYS[2])
local at = 4 + 2 * count
local function publish()
  return redis.pcall('XADD', KEYS[3], 'MAXLEN', '~', 10000, string.format('%.0f-0', serial), 'changes', ARGV[at], 'epoch', epoch)
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
return { 1, serial, epoch }
