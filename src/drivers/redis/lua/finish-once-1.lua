-- Keeps the answer of a claimed request; the first one stays.
--
-- KEYS  1 once:HASH
-- ARGV  1 answer  2 milliseconds it is kept
if redis.call('EXISTS', KEYS[1]) == 1 and redis.call('HSETNX', KEYS[1], 'answer', ARGV[1]) == 1 then
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
end
return 1
