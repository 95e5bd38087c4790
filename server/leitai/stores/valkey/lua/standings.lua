-- Sets the canonical standings down, if the writer is still the director.
--
-- KEYS 1 fence  2 standings   ARGV 1 the writer's token  2 the standings
-- Returns 1, or 0 when a later director has taken over.

if tonumber(ARGV[1]) < tonumber(redis.call('GET', KEYS[1]) or '0') then return 0 end
redis.call('SET', KEYS[2], ARGV[2])
return 1
