-- Publishes an update of the public board or of the true one, if the writer is still the director.
--
-- KEYS 1 fence  2 board or truth (stream)
-- ARGV 1 the writer's token  2 "1" when the update is a full board  3 the update
-- Returns 1, or 0 when a later director has taken over.

if tonumber(ARGV[1]) < tonumber(redis.call('GET', KEYS[1]) or '0') then return 0 end
redis.call('XADD', KEYS[2], 'MAXLEN', '~', '400', '*', 'f', ARGV[2], 'u', ARGV[3])
return 1
