-- Records a press of a desk: the next entry of the stage's log, stamped with when it arrived. What it is worth follows
-- from the log (rules.stage).
--
-- KEYS 1 log (stream; id = the entry's number)
--      2 presses (hash: question:team:seq -> "entry stamp elapsed"; question:team -> how many)
-- ARGV 1 team  2 question  3 seq of the desk  4 age_us: how long the press has waited since it arrived
--      5 elapsed_us since the opening was written to this desk; negative: not measured
--      6 the longest age that is believed  7 the most presses of a team for one question
--      8 this clock as the sender believed it when it sent; 0 when it does not know
-- Returns {entry, stamp_us, elapsed_us, repeated}; entry 0: too many presses, nothing was recorded.

local LONGEST_WAY = 1000000

local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
-- Ages are those of the sending: what has lain here while this process hung must be sent again with its true age.
local sent = tonumber(ARGV[8])
if sent > 0 and now - sent > LONGEST_WAY then return redis.error_reply('HELD too long before it was read') end

local team, question, elapsed = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[5])
local counted = question .. ':' .. team
local field = counted .. ':' .. ARGV[3]
local known = redis.call('HGET', KEYS[2], field)
if known then
  -- WAITAOF waits for what its own connection wrote: what another one had written is to be waited for too.
  redis.call('HSET', KEYS[2], field, known)
  local entry, stamp, measured = string.match(known, '^(%d+) (%d+) (-?%d+)$')
  return { tonumber(entry), tonumber(stamp), tonumber(measured), 1 }
end

local newest = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)[1]
-- No log at all: the store lost it, and the office is to put it back. That is no reason to refuse a press.
if not newest then return redis.error_reply('SHUT the stage has no log') end
if redis.call('HINCRBY', KEYS[2], counted, 1) > tonumber(ARGV[7]) then return { 0, 0, 0, 0 } end

local entry = tonumber(string.match(newest[1], '^%d+')) + 1
local stamp = now - math.min(math.max(tonumber(ARGV[4]), 0), tonumber(ARGV[6]))
local body = { team = team, question = question, stamp_us = stamp, elapsed_us = elapsed }
redis.call('HSET', KEYS[2], field, string.format('%d %.0f %d', entry, stamp, elapsed))
redis.call('XADD', KEYS[1], string.format('%.0f-0', entry), 'e', cmsgpack.pack({ entry, now, '', 'pressed', body }))
return { entry, stamp, elapsed, 0 }
