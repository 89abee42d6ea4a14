-- A sandbox does not go to another host after all: the slot that was held for it there is given back.
--
-- KEYS  1 hosts  2 host:records  3 host:taken  4 moves
-- ARGV  1 id
-- Gives 1; 0 when none was held.
return giveBack(KEYS[4], KEYS[1], KEYS[2], KEYS[3], ARGV[1])
