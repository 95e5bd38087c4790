-- Takes or keeps the director's lease.
--
-- KEYS 1 lease ("holder token", expires)  2 fence (the last token given)
-- ARGV 1 holder  2 length in milliseconds  3 a new token is greater than this: shards may remember more than this node
-- Returns the holder's token, or 0 while another holds the lease.

local held = redis.call('GET', KEYS[1])
local above = tonumber(ARGV[3])
if held then
  local holder, token = string.match(held, '^(%S+) (%d+)$')
  if holder ~= ARGV[1] then return 0 end
  if tonumber(token) > above then
    redis.call('PEXPIRE', KEYS[1], ARGV[2])
    return tonumber(token)
  end
end
local token = math.max(tonumber(redis.call('GET', KEYS[2]) or '0'), above) + 1
redis.call('SET', KEYS[2], string.format('%.0f', token))
redis.call('SET', KEYS[1], ARGV[1] .. ' ' .. string.format('%.0f', token), 'PX', ARGV[2])
return token
