-- A page of the hosts; each of them is as it is at one moment.
--
-- KEYS  1 host:records  2 host:taken  3 host:beats  4 host:loads
-- ARGV  1 cursor of HSCAN  2 about how many
-- Gives {next cursor, {{address, record, taken, last beat, load}, ...}}.
local page = redis.call('HSCAN', KEYS[1], ARGV[1], 'COUNT', ARGV[2])
local hosts = {}
for index = 1, #page[2], 2 do
  local address = page[2][index]
  local taken = tonumber(redis.call('HGET', KEYS[2], address))
  local beat, load = redis.call('ZSCORE', KEYS[3], address), redis.call('HGET', KEYS[4], address)
  hosts[#hosts + 1] = { address, page[2][index + 1], taken, beat, load }
end
return { page[1], hosts }
