-- Sets the windows of all items of one shard, if the writer is still the director.
--
-- KEYS 1 fence of the shard  2 windows
-- ARGV 1 the writer's token, then field, value, field, value, …
-- Returns 1, or 0 when a later director has written.

local token = tonumber(ARGV[1])
if token < tonumber(redis.call('GET', KEYS[1]) or '0') then return 0 end
redis.call('SET', KEYS[1], ARGV[1])
redis.call('DEL', KEYS[2])
redis.call('HSET', KEYS[2], unpack(ARGV, 2))
return 1
