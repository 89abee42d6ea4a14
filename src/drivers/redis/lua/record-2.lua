-- Appends to a sandbox's story, and keeps its newest events.
--
-- KEYS  1 sandbox:records  2 sandbox:events:ID
-- ARGV  1 id  2 JSON of the event  3 how many are kept  4 milliseconds the story of a sandbox without a place is kept
redis.call('RPUSH', KEYS[2], now() .. ' ' .. ARGV[2])
redis.call('LTRIM', KEYS[2], -ARGV[3], -1)
if redis.call('HEXISTS', KEYS[1], ARGV[1]) == 0 then
  redis.call('PEXPIRE', KEYS[2], ARGV[4])
end
return 1
