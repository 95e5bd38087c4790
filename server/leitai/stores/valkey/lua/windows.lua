-- Sets the windows of all items of one shard, if the writer is still the director, and opens the shard.
--
-- A shard is open on one history of the store (its replication id, which changes whenever a process starts or is
-- promoted). On another one, which may have forgotten answers, offsets go on far beyond any that was ever given, so that
-- none is given twice.
--
-- KEYS 1 fence of the shard  2 windows  3 offset (counter)
-- ARGV 1 the writer's token  2 the history  3 the greatest offset known to have been given
--      then field, value, field, value, …
-- Returns 1, or 0 when a later director has written.

local MARGIN = 1000000

local token = tonumber(ARGV[1])
if token < tonumber(redis.call('GET', KEYS[1]) or '0') then return 0 end
local before = redis.call('HMGET', KEYS[2], 'history', 'kept')
local history, kept = before[1], before[2] or '0'
if history ~= ARGV[2] then
  local offset = redis.call('GET', KEYS[3])
  local seen = tonumber(ARGV[3])
  kept = offset or '0'
  if offset or seen > 0 then
    redis.call('SET', KEYS[3], string.format('%.0f', math.max(tonumber(kept), seen) + MARGIN))
  end
end
redis.call('SET', KEYS[1], ARGV[1])
redis.call('DEL', KEYS[2])
redis.call('HSET', KEYS[2], 'history', ARGV[2], 'kept', kept, unpack(ARGV, 4))
return 1
