-- Merges changes into a person's settings: the newest of each wins, of equals the one that is kept.
--
-- KEYS  1 settings:PERSON
-- ARGV  1 bytes they may be in all, then for each change: name, milliseconds, JSON
-- Gives all of them as they are now {name, `at JSON`, ...}, or nil when they would be too large; then nothing changes.
local latest = now()
local kept, size, changed = {}, 0, {}
local fields = redis.call('HGETALL', KEYS[1])
for index = 1, #fields, 2 do
  kept[fields[index]] = fields[index + 1]
  size = size + #fields[index] + #fields[index + 1]
end
for index = 2, #ARGV, 3 do
  local name, at = ARGV[index], ARGV[index + 1]
  -- No change is from later than now. Both have as many digits as they need, so numbers compare them.
  if tonumber(at) > tonumber(latest) then
    at = latest
  end
  local known = kept[name]
  if not known or tonumber(at) > tonumber(string.match(known, '^%d+')) then
    local value = at .. ' ' .. ARGV[index + 2]
    size = size + #value + (known and -#known or #name)
    kept[name] = value
    changed[#changed + 1] = name
    changed[#changed + 1] = value
  end
end
if #changed > 0 then
  if size > tonumber(ARGV[1]) then
    return nil
  end
  redis.call('HSET', KEYS[1], unpack(changed))
end
return redis.call('HGETALL', KEYS[1])
