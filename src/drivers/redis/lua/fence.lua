-- Whether this turn is the latest that was heard of; if so it is noted. Turns are whole numbers.
local function isCurrent(key, fence)
  if tonumber(fence) < tonumber(redis.call('GET', key) or '0') then
    return false
  end
  redis.call('SET', key, fence)
  return true
end
