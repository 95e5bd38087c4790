-- Takes or keeps the director's lease.
--
-- KEYS 1 lease ("holder token", expires)  2 fence (the last token given)
-- ARGV 1 holder  2 length in milliseconds
-- Returns the holder's token, or 0 while another holds the lease.

local held = redis.call('GET', KEYS[1])
if held then
  local holder, token = string.match(held, '^(%S+) (%d+)$')
  if holder ~= ARGV[1] then return 0 end
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
  return tonumber(token)
end
local token = redis.call('INCR', KEYS[2])
redis.call('SET', KEYS[1], ARGV[1] .. ' ' .. token, 'PX', ARGV[2])
return token
