-- Appends to a sandbox's story and to the fleet's feed, and keeps the newest events of both.
--
-- KEYS  1 sandbox:records  2 sandbox:events:ID  3 events
-- ARGV  1 id  2 JSON of the event  3 how many its story keeps
--       4 milliseconds the story of a sandbox without a place is kept  5 how many the feed keeps
local line = now() .. ' ' .. ARGV[2]
redis.call('RPUSH', KEYS[2], line)
redis.call('LTRIM', KEYS[2], -ARGV[3], -1)
local sandbox = redis.call('HGET', KEYS[1], ARGV[1])
if not sandbox then
  redis.call('PEXPIRE', KEYS[2], ARGV[4])
end
-- The name is the last word before the JSON of a record.
local name = sandbox and string.match(sandbox, '(%S+) {') or ''
redis.call('XADD', KEYS[3], 'MAXLEN', '~', ARGV[5], '*', 'sandbox', ARGV[1], 'name', name, 'line', line)
return 1
