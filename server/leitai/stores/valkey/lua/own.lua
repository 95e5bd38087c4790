-- Reads acceptances so that they may be told as durable: WAITAOF waits for what its own connection wrote, so something
-- is written after the read.
--
-- KEYS 1 acceptances  2 touched   ARGV fields of the acceptances
-- Returns their values, as HMGET does.

local stored = redis.call('HMGET', KEYS[1], unpack(ARGV))
redis.call('SET', KEYS[2], '1')
return stored
