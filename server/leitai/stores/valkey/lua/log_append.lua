-- Appends entries to the log of a stage or a match, if it stands where the writer believes.
--
-- KEYS 1 log (stream; id = the entry's number)
-- ARGV 1 the number of the last entry as the writer knows it, then the entries that follow it
-- Returns 1, or 0 when somebody else was first.

local newest = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)[1]
local last = newest and tonumber(string.match(newest[1], '^%d+')) or 0
if last ~= tonumber(ARGV[1]) then return 0 end
for i = 2, #ARGV do
  last = last + 1
  redis.call('XADD', KEYS[1], string.format('%.0f-0', last), 'e', ARGV[i])
end
return 1
