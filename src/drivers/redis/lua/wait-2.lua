-- Stands in line for a place, or goes on standing there; those not heard of for a while have left.
--
-- KEYS  1 waiting  2 waiting:heard
-- ARGV  1 milliseconds after which one has left  2 id; without it nobody new stands there
-- Gives {how many stand in line, how many stand before this one}.
local time = now()
local gone = redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', string.format('%.0f', time - ARGV[1]))
for _, id in ipairs(gone) do
  redis.call('ZREM', KEYS[1], id)
  redis.call('ZREM', KEYS[2], id)
end
local before = 0
if ARGV[2] then
  -- Of one moment, the order is that of coming: the last score and a bit.
  local last = redis.call('ZRANGE', KEYS[1], -1, -1, 'WITHSCORES')
  local score = math.max(tonumber(time), (tonumber(last[2]) or 0) + 0.001)
  redis.call('ZADD', KEYS[1], 'NX', string.format('%.3f', score), ARGV[2])
  redis.call('ZADD', KEYS[2], time, ARGV[2])
  before = redis.call('ZRANK', KEYS[1], ARGV[2])
end
return { redis.call('ZCARD', KEYS[1]), before }
