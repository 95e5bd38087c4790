-- Puts acceptances back that the store lost, each exactly as its receipt says; what is known stays as it is.
--
-- KEYS 1 acceptances  2 answers  3 offset   (as in accept.lua)
-- ARGV 1 MessagePack array, flat: sitting, item, seq, response, outcome, stamp_us, elapsed_us for each receipt
-- Returns a MessagePack array, flat, as accept.lua does. A restored answer gets a new offset (the stream only grows);
-- its stamp and elapsed time are the original ones.

local FIELDS = 7
local batch = cmsgpack.unpack(ARGV[1])
local offset = tonumber(redis.call('GET', KEYS[3]) or '0')
local before = offset
local reply, recorded = {}, {}

for i = 1, #batch / FIELDS do
  local base = (i - 1) * FIELDS
  local sitting, item, seq, response = batch[base + 1], batch[base + 2], batch[base + 3], batch[base + 4]
  local outcome, stamp, elapsed = batch[base + 5], batch[base + 6], batch[base + 7]
  local field = struct.pack('>I4I2', sitting, item)
  local stored = redis.call('HGET', KEYS[1], field)
  local list = stored and cmsgpack.unpack(stored) or {}
  local original = nil
  for _, acceptance in ipairs(list) do
    if acceptance[1] == seq then original = acceptance end
  end
  local duplicate = 1
  if not original then
    offset = offset + 1
    duplicate = 0
    original = { seq, outcome, stamp, elapsed, offset, 0, response }
    list[#list + 1] = original
    redis.call('HSET', KEYS[1], field, cmsgpack.pack(list))
    local n = #recorded
    recorded[n + 1], recorded[n + 2], recorded[n + 3] = sitting, item, seq
    recorded[n + 4], recorded[n + 5], recorded[n + 6] = response, stamp, elapsed
    recorded[n + 7], recorded[n + 8], recorded[n + 9] = 0, offset, outcome
  end
  local n = #reply
  reply[n + 1], reply[n + 2], reply[n + 3] = original[2], duplicate, original[3]
  reply[n + 4], reply[n + 5], reply[n + 6] = original[4], original[5], ''
end

if offset > before then
  redis.call('SET', KEYS[3], string.format('%.0f', offset))
  redis.call('XADD', KEYS[2], string.format('%.0f-0', offset), 'a', cmsgpack.pack(recorded))
end
return cmsgpack.pack(reply)
