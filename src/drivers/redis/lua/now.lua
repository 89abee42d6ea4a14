-- Functions: the server's time.

-- Milliseconds since the epoch, as text (a Lua number of this size prints with an exponent).
local function now()
  local time = redis.call('TIME')
  return string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000))
end
