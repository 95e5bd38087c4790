-- Counts a vote of the audience, once for each device.
--
-- KEYS 1 ballot (hash: vote, choices, code; absent while none is open)  2 votes (hash: choice -> count)  3 voters (hash)
--      4 networks (hash: digest of an address -> count)
-- ARGV 1 vote  2 code  3 choice, from 0  4 the device's name  5 seconds after which counts, names and digests may go
--      6 the digest of its address
-- Returns 1 counted, 0 this device has voted before, -1 no such vote is open.

local ballot = redis.call('HMGET', KEYS[1], 'vote', 'choices', 'code')
if ballot[1] ~= ARGV[1] or ballot[3] ~= ARGV[2] then return -1 end
local choice = tonumber(ARGV[3])
if choice < 0 or choice >= tonumber(ballot[2]) then return -1 end
if redis.call('HSETNX', KEYS[3], ARGV[4], choice) == 0 then return 0 end
redis.call('HINCRBY', KEYS[2], choice, 1)
redis.call('EXPIRE', KEYS[2], ARGV[5])
redis.call('EXPIRE', KEYS[3], ARGV[5])
redis.call('HINCRBY', KEYS[4], ARGV[6], 1)
redis.call('EXPIRE', KEYS[4], ARGV[5])
return 1
