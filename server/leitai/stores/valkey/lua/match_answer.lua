-- Records a player's answer: the next entry of the match's log, stamped with when it arrived. Whether it counts follows
-- from the log (rules.match_log).
--
-- KEYS 1 log (stream; id = the entry's number)  2 answers (hash: question:seat -> "entry stamp")
-- ARGV 1 seat  2 question  3 response (MessagePack)  4 1: it is right  5 age_us: how long it has waited since it arrived
--      6 elapsed_us since the key was written to this socket; negative: not measured  7 when the question opened
--      8 the longest age that is believed  9 this clock as the sender believed it when it sent; 0 when it does not know
-- Returns {entry, stamp_us}: of the first answer of this seat to this question.

local LONGEST_WAY = 1000000

local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
-- Ages are those of the sending: what has lain here while this process hung must be sent again with its true age.
local sent = tonumber(ARGV[9])
if sent > 0 and now - sent > LONGEST_WAY then return redis.error_reply('HELD too long before it was read') end

local seat, question, opens = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[7])
local field = question .. ':' .. seat
local known = redis.call('HGET', KEYS[2], field)
if known then
  -- WAITAOF waits for what its own connection wrote: what another one had written is to be waited for too.
  redis.call('HSET', KEYS[2], field, known)
  local entry, stamp = string.match(known, '^(%d+) (%d+)$')
  return { tonumber(entry), tonumber(stamp) }
end

local newest = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)[1]
if not newest then return redis.error_reply('SHUT the match has no log') end
local entry = tonumber(string.match(newest[1], '^%d+')) + 1
-- A gateway lets nothing through before it has opened the question: what is less is two clocks' difference.
local stamp = math.max(now - math.min(math.max(tonumber(ARGV[5]), 0), tonumber(ARGV[8])), opens)
local elapsed = tonumber(ARGV[6])
local flagged = elapsed < 0
if flagged then elapsed = stamp - opens end
local body = {
  seat = seat, question = question, response = cmsgpack.unpack(ARGV[3]), right = ARGV[4] == '1',
  stamp_us = stamp, elapsed_us = elapsed, flagged = flagged
}
redis.call('HSET', KEYS[2], field, string.format('%d %.0f', entry, stamp))
redis.call('XADD', KEYS[1], string.format('%.0f-0', entry), 'e', cmsgpack.pack({ entry, now, 'answered', body }))
return { entry, stamp }
