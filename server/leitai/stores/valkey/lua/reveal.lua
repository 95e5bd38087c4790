-- Sets the reveal down, if nobody moved it since.
--
-- KEYS 1 reveal (hash)   ARGV 1 the edition that was seen  2 the reveal as of the next edition
-- Returns 1, or 0 when another edition is there.

if tonumber(redis.call('HGET', KEYS[1], 'edition') or '0') ~= tonumber(ARGV[1]) then return 0 end
redis.call('HSET', KEYS[1], 'edition', string.format('%.0f', ARGV[1] + 1), 'held', ARGV[2])
return 1
