-- The right to do something alone, for some time.
--
-- KEYS  1 lease:NAME
-- ARGV  1 holder  2 milliseconds it is held from now on
-- Gives the holder's fence; false while another one holds it.
local time = now()
local holder, fence, lapsesAt = unpack(redis.call('HMGET', KEYS[1], 'holder', 'fence', 'lapsesAt'))
local ends = string.format('%.0f', time + ARGV[2])
if holder == ARGV[1] then
  redis.call('HSET', KEYS[1], 'lapsesAt', ends)
  return fence
end
if holder and tonumber(time) < tonumber(lapsesAt) then
  return false
end
-- The time makes it grow even when the lease was lost.
fence = string.format('%.0f', math.max((fence or 0) + 1, time))
redis.call('HSET', KEYS[1], 'holder', ARGV[1], 'fence', fence, 'lapsesAt', ends)
return fence
