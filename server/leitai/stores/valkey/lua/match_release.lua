-- Lets learners seek another match, if they are still in this one.
--
-- KEYS 1 playing (hash: learner -> "match until opponent")  2 looked after (zset: match -> when)
-- ARGV 1 match, then the learners

for i = 2, #ARGV do
  local playing = redis.call('HGET', KEYS[1], ARGV[i])
  if playing and string.match(playing, '^%d+') == ARGV[1] then redis.call('HDEL', KEYS[1], ARGV[i]) end
end
redis.call('ZREM', KEYS[2], ARGV[1])
return 1
