-- Tells the time. KEYS 1 says of which node: any key of the session, whose clock is the contest's.

return redis.call('TIME')
