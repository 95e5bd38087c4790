-- Gives the director's lease up, so that another need not wait for it to run out.
--
-- KEYS 1 lease   ARGV 1 holder

local held = redis.call('GET', KEYS[1])
if held and string.match(held, '^(%S+) ') == ARGV[1] then
  return redis.call('DEL', KEYS[1])
end
return 0
