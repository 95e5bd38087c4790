-- Appends feed entries and sets the session's state, together, if the writer is still the director.
--
-- KEYS 1 fence (the last token given by the lease)  2 feed (stream, id = offset)  3 state
-- ARGV 1 the writer's token  2 state  3 offset of the first entry, then the entries
-- Returns 1, or 0 when a later director has taken over. A wrong first offset fails: the stream only grows, without gaps.

if tonumber(ARGV[1]) < tonumber(redis.call('GET', KEYS[1]) or '0') then return 0 end
local offset = tonumber(ARGV[3])
if #ARGV > 3 then
  local newest = redis.call('XREVRANGE', KEYS[2], '+', '-', 'COUNT', 1)[1]
  local last = newest and tonumber(string.match(newest[1], '^%d+')) or 0
  if last + 1 < offset then return redis.error_reply('SHUT the feed has lost entries') end
end
for i = 4, #ARGV do
  redis.call('XADD', KEYS[2], string.format('%.0f-0', offset), 'e', ARGV[i])
  offset = offset + 1
end
redis.call('SET', KEYS[3], ARGV[2])
return 1
