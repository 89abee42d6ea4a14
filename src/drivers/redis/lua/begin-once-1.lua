-- Claims a request by its idempotency key.
--
-- KEYS  1 once:HASH
-- ARGV  1 fingerprint of the request  2 milliseconds after which an unfinished claim lapses
-- Gives {1} when it is ours now, {2} when it is under way, {3, answer} when it is done, {-1} when the key is another
-- request's.
local known = redis.call('HMGET', KEYS[1], 'fingerprint', 'answer')
if not known[1] then
  redis.call('HSET', KEYS[1], 'fingerprint', ARGV[1])
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
  return { 1 }
end
if known[1] ~= ARGV[1] then
  return { -1 }
end
if known[2] then
  return { 3, known[2] }
end
return { 2 }
