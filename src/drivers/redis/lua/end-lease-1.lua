-- A holder gives its lease up; the fence stays, so that the next one's is greater.
--
-- KEYS  1 lease:NAME
-- ARGV  1 holder
-- Gives 1; 0 when it is not the holder.
if redis.call('HGET', KEYS[1], 'holder') ~= ARGV[1] then
  return 0
end
redis.call('HSET', KEYS[1], 'holder', '', 'lapsesAt', '0')
return 1
