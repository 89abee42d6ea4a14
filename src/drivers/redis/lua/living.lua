-- Functions: the states in which a sandbox is there.

local function isLiving(state)
  return state == 'running' or state == 'asleep' or state == 'stopped'
end
