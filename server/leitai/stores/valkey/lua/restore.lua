-- Puts acceptances back that the store lost, each exactly as its receipt or the archive says; what is known stays as it
-- is.
--
-- KEYS 1 acceptances  2 answers  3 offset   (as in accept.lua)
-- ARGV 1 MessagePack array, flat: sitting, item, seq, response, outcome, stamp_us, elapsed_us, offset, flagged for each
-- Returns a MessagePack array, flat, as accept.lua does. Answers keep their offsets; their entry in the stream, which
-- only grows, takes the next one.

local FIELDS = 9
local batch = cmsgpack.unpack(ARGV[1])
local reply, recorded = {}, {}

for i = 1, #batch / FIELDS do
  local base = (i - 1) * FIELDS
  local sitting, item, seq, response = batch[base + 1], batch[base + 2], batch[base + 3], batch[base + 4]
  local outcome, stamp, elapsed = batch[base + 5], batch[base + 6], batch[base + 7]
  local offset, flagged = batch[base + 8], batch[base + 9]
  local field = struct.pack('>I4I2', sitting, item)
  local stored = redis.call('HGET', KEYS[1], field)
  local list = stored and cmsgpack.unpack(stored) or {}
  local original = nil
  for _, acceptance in ipairs(list) do
    if acceptance[1] == seq then original = acceptance end
  end
  local marks = 1
  if not original then
    marks = 0
    original = { seq, outcome, stamp, elapsed, offset, flagged, response }
    list[#list + 1] = original
    -- As they were first given, in whatever order they come back.
    table.sort(list, function(one, other) return one[1] < other[1] end)
    redis.call('HSET', KEYS[1], field, cmsgpack.pack(list))
    local n = #recorded
    recorded[n + 1], recorded[n + 2], recorded[n + 3] = sitting, item, seq
    recorded[n + 4], recorded[n + 5], recorded[n + 6] = response, stamp, elapsed
    recorded[n + 7], recorded[n + 8], recorded[n + 9] = flagged, offset, outcome
  end
  local n = #reply
  reply[n + 1], reply[n + 2], reply[n + 3] = original[2], marks + 2 * original[6], original[3]
  reply[n + 4], reply[n + 5], reply[n + 6] = original[4], original[5], ''
end

if #recorded > 0 then
  local entry = string.format('%.0f', tonumber(redis.call('GET', KEYS[3]) or '0') + 1)
  redis.call('SET', KEYS[3], entry)
  redis.call('XADD', KEYS[2], entry .. '-0', 'a', cmsgpack.pack(recorded))
elseif #reply > 0 then
  -- WAITAOF waits for what its own connection wrote: what another one had written is to be waited for too.
  redis.call('SET', KEYS[3], redis.call('GET', KEYS[3]) or '0')
end
return cmsgpack.pack(reply)
