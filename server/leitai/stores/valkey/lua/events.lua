-- Appends events, once however often the call is repeated.
--
-- KEYS 1 events (stream)  2 event_sources (hash: source -> number of its last call)
-- ARGV 1 the events  2 source  3 number of this call, rising for each source
-- Returns 1, or 0 when this call was done before.

local last = tonumber(redis.call('HGET', KEYS[2], ARGV[2]) or '0')
local number = tonumber(ARGV[3])
-- Written in any case, so that whoever waits for disk and replicas waits for the first call too.
redis.call('HSET', KEYS[2], ARGV[2], math.max(last, number))
if number <= last then return 0 end
redis.call('XADD', KEYS[1], '*', 'e', ARGV[1])
return 1
