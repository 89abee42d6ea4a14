-- A sandbox by its id, subdomain or name.
--
-- KEYS  1 sandbox:records  2 sandbox:names
-- ARGV  1 id  2 subdomain or name
-- Gives {id, record}; false when there is no such sandbox.
local id = ARGV[1]
local sandbox = redis.call('HGET', KEYS[1], id)
if not sandbox then
  id = redis.call('HGET', KEYS[2], ARGV[2])
  sandbox = id and redis.call('HGET', KEYS[1], id)
end
return sandbox and { id, sandbox }
