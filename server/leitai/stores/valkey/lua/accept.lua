-- Judges a batch of answers and appends what is recorded. One call, one clock reading, one append, one fsync.
--
-- KEYS 1 windows (hash: item -> "opens closes", counted -> "first" | "last"; where each sitting has a clock of its own
--        besides own_us, and item 0 for beginnings)
--      2 acceptances (hash: sitting u32 + item u16, big endian -> MessagePack list of acceptances)
--      3 answers (stream; id = offset of the entry's last answer)
--      4 offset (counter)
-- ARGV 1 MessagePack array, flat: sitting, item, seq, response, age_us, elapsed_us for each answer
--      2 the longest age that is believed, in microseconds
--      3 this clock as the sender believed it when it sent; 0 when it does not know
-- Returns a MessagePack array, flat: outcome, marks, stamp_us, elapsed_us, offset, code for each answer; marks are
-- 1 duplicate + 2 elapsed time flagged.
--
-- An acceptance is {seq, outcome, stamp_us, elapsed_us, offset, flagged, response}; outcomes are
-- 0 accepted, 1 late, 2 early, 3 refused (not recorded).

local ACCEPTED, LATE, EARLY, REFUSED = 0, 1, 2, 3
local FIELDS = 6
local MOST_CHANGES = 64
local LONGEST_WAY = 1000000

local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
-- Ages are those of the sending: what has lain here while this process hung must be sent again with true ones.
local sent = tonumber(ARGV[3])
if sent > 0 and now - sent > LONGEST_WAY then return redis.error_reply('HELD too long before it was read') end

local batch = cmsgpack.unpack(ARGV[1])
local longest_age = tonumber(ARGV[2])
local count = #batch / FIELDS

local fields, items, seen = {}, {}, {}
for i = 1, count do
  local sitting, item = batch[(i - 1) * FIELDS + 1], batch[(i - 1) * FIELDS + 2]
  fields[i] = struct.pack('>I4I2', sitting, item)
  if not seen[item] then
    seen[item] = true
    items[#items + 1] = item
  end
end

local rows = redis.call('HMGET', KEYS[1], 'counted', 'own_us', unpack(items))
-- No windows at all: the store lost them, and a director is to put them back. That is no reason to refuse an answer.
if not rows[1] then return redis.error_reply('SHUT no windows are in force') end
local first_counts = rows[1] ~= 'last'
local opens, closes = {}, {}
for i, item in ipairs(items) do
  local row = rows[i + 2]
  if row then
    local from, to = string.match(row, '^(%d+) (%d+)$')
    opens[item], closes[item] = tonumber(from), tonumber(to)
  end
end

local stored = redis.call('HMGET', KEYS[2], unpack(fields))
local known = {}
for i = 1, count do
  if known[fields[i]] == nil then
    known[fields[i]] = stored[i] and cmsgpack.unpack(stored[i]) or {}
  end
end

-- Clocks of their own: a sitting begins by an answer to item 0, which is recorded as every other, once.
local own_us = tonumber(rows[2] or '0')
local function beginning(sitting) return struct.pack('>I4I2', sitting, 0) end
if own_us > 0 then
  local wanted = {}
  for i = 1, count do
    local field = beginning(batch[(i - 1) * FIELDS + 1])
    if known[field] == nil then
      known[field] = {}
      wanted[#wanted + 1] = field
    end
  end
  if #wanted > 0 then
    local begun = redis.call('HMGET', KEYS[2], unpack(wanted))
    for i, field in ipairs(wanted) do
      if begun[i] then known[field] = cmsgpack.unpack(begun[i]) end
    end
  end
end

-- When items open and close for a sitting, given when they close for all; nil where it has not begun.
local function own_window(sitting, closing)
  local begun = known[beginning(sitting)][1]
  if not begun or not closing then return nil, nil end
  return begun[3], math.min(begun[3] + own_us, closing)
end

local offset = tonumber(redis.call('GET', KEYS[4]) or '0')
local before = offset
local reply, recorded, changed = {}, {}, {}
local repeated = false

local function answer(outcome, marks, stamp, elapsed, at, code)
  local n = #reply
  reply[n + 1], reply[n + 2], reply[n + 3] = outcome, marks, stamp
  reply[n + 4], reply[n + 5], reply[n + 6] = elapsed, at, code
end

for i = 1, count do
  local base = (i - 1) * FIELDS
  local sitting, item, seq = batch[base + 1], batch[base + 2], batch[base + 3]
  local response, age, elapsed = batch[base + 4], batch[base + 5], batch[base + 6]
  local list = known[fields[i]]

  local original, answered, overtaken = nil, false, false
  for _, acceptance in ipairs(list) do
    if acceptance[1] == seq then original = acceptance end
    if acceptance[2] == ACCEPTED then
      answered = true
      if acceptance[1] > seq then overtaken = true end
    end
  end

  local stamp = now - math.min(math.max(age, 0), longest_age)
  local from, to = opens[item], closes[item]
  if own_us > 0 and item > 0 then from, to = own_window(sitting, to) end
  if original then
    repeated = true
    answer(original[2], 1 + 2 * original[6], original[3], original[4], original[5], '')
  elseif not opens[item] then
    answer(REFUSED, 0, stamp, 0, 0, 'unknown-item')
  elseif not from then
    answer(REFUSED, 0, stamp, 0, 0, 'not-begun')
  elseif item == 0 and (stamp < from or stamp >= to) then
    answer(REFUSED, 0, stamp, 0, 0, stamp < from and 'too-early' or 'too-late')
  elseif #list >= MOST_CHANGES then
    answer(REFUSED, 0, stamp, 0, 0, 'too-many-changes')
  elseif first_counts and answered then
    answer(REFUSED, 0, stamp, 0, 0, 'already-answered')
  elseif not first_counts and overtaken then
    -- Batches may overtake each other on their way; the contestant's last word stands.
    answer(REFUSED, 0, stamp, 0, 0, 'newer-answer')
  else
    local outcome = ACCEPTED
    if stamp < from then
      outcome = EARLY
    elseif stamp >= to then
      outcome = LATE
    end
    local flagged = 0
    if elapsed < 0 then
      elapsed = math.max(stamp - from, 0)
      flagged = 1
    end
    offset = offset + 1
    list[#list + 1] = { seq, outcome, stamp, elapsed, offset, flagged, response }
    changed[fields[i]] = list
    local n = #recorded
    recorded[n + 1], recorded[n + 2], recorded[n + 3] = sitting, item, seq
    recorded[n + 4], recorded[n + 5], recorded[n + 6] = response, stamp, elapsed
    recorded[n + 7], recorded[n + 8], recorded[n + 9] = flagged, offset, outcome
    answer(outcome, 2 * flagged, stamp, elapsed, offset, '')
  end
end

if offset > before then
  local pairs_to_set = {}
  for field, list in pairs(changed) do
    pairs_to_set[#pairs_to_set + 1] = field
    pairs_to_set[#pairs_to_set + 1] = cmsgpack.pack(list)
  end
  redis.call('HSET', KEYS[2], unpack(pairs_to_set))
  redis.call('SET', KEYS[4], string.format('%.0f', offset))
  redis.call('XADD', KEYS[3], string.format('%.0f-0', offset), 'a', cmsgpack.pack(recorded))
elseif repeated then
  -- WAITAOF waits for what its own connection wrote: what another one had written is to be waited for too.
  redis.call('SET', KEYS[4], string.format('%.0f', offset))
end
return cmsgpack.pack(reply)
