-- Seeks a match for a learner: pairs two who wait and are near each other, or lets this one wait.
--
-- KEYS 1 seekers (hash: learner -> "since seen level again")  2 playing (hash: learner -> "match until opponent")
-- ARGV 1 learner  2 level  3 the match's number if one is made now  4 again: first whoever seeks with this number too; 0
--      5 a seeker that was not seen for so long waits no more (us)  6 how long a match may last (us)
--      7 levels within reach at once  8 one more for so long a wait (us)  9 for so long `again` is waited for (us)
--      10 1: nobody was found for too long, take the match for this learner alone
-- Returns {state, match, opponent, waited_us}; state 0 waits, 1 paired now, 2 plays already.

local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local me, level, match, again = ARGV[1], tonumber(ARGV[2]), ARGV[3], ARGV[4]
local unseen, lasts, wait_again = tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[9])

local function reach(waited) return tonumber(ARGV[7]) + math.floor(waited / tonumber(ARGV[8])) end
local function play(learner, opponent)
  redis.call('HDEL', KEYS[1], learner)
  redis.call('HSET', KEYS[2], learner, string.format('%s %.0f %s', match, now + lasts, opponent))
end

local playing = redis.call('HGET', KEYS[2], me)
if playing then
  local number, till, opponent = string.match(playing, '^(%d+) (%d+) (%d+)$')
  if tonumber(till) > now then
    redis.call('HDEL', KEYS[1], me)
    return { 2, number, opponent, now - (tonumber(till) - lasts) }
  end
end

local since, waiting = now, redis.call('HGET', KEYS[1], me)
if waiting then
  local began, seen = string.match(waiting, '^(%d+) (%d+) ')
  if now - tonumber(seen) <= unseen then since = tonumber(began) end
end

if ARGV[10] == '1' then
  play(me, 0)
  return { 1, match, '0', now - since }
end

local best, nearest, longest
local all = redis.call('HGETALL', KEYS[1])
for i = 1, #all, 2 do
  local other = all[i]
  local began, seen, theirs, wants = string.match(all[i + 1], '^(%d+) (%d+) (%d+) (%d+)$')
  began = tonumber(began)
  if now - tonumber(seen) > unseen then
    redis.call('HDEL', KEYS[1], other)
  elseif other ~= me then
    local apart = math.abs(tonumber(theirs) - level)
    local known = again ~= '0' and again == wants
    local taken = not known
      and ((again ~= '0' and now - since < wait_again) or (wants ~= '0' and now - began < wait_again))
    if known then apart = -1 end
    if not taken and apart <= reach(math.max(now - since, now - began))
      and (not best or apart < nearest or (apart == nearest and began < longest)) then
      best, nearest, longest = other, apart, began
    end
  end
end
if best then
  play(me, best)
  play(best, me)
  return { 1, match, best, now - since }
end
redis.call('HSET', KEYS[1], me, string.format('%.0f %.0f %d %s', since, now, level, again))
return { 0, '0', '0', now - since }
