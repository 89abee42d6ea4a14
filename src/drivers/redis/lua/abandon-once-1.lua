-- Gives a claim up, so that the request may be tried again; an answer stays.
--
-- KEYS  1 once:HASH
if redis.call('HEXISTS', KEYS[1], 'answer') == 0 then
  redis.call('DEL', KEYS[1])
end
return 1
