-- Gives the feed another epoch because answers were lost: whoever comes back is asked for receipts. Once for each loss.
--
-- KEYS 1 losses (hash: cause -> epoch)  2 epoch  3 events (stream)
-- ARGV 1 cause ("shard history")  2 the new epoch  3 an event that tells of it
-- Returns 1, or 0 when this loss was known.

if redis.call('HSETNX', KEYS[1], ARGV[1], ARGV[2]) == 0 then return 0 end
redis.call('SET', KEYS[2], ARGV[2])
redis.call('XADD', KEYS[3], '*', 'e', ARGV[3])
return 1
