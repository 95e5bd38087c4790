-- name: settings
select name, setting from pg_settings where name = any($1::text[])

-- name: standbys
select coalesce(sync_state, '') as state from pg_stat_replication where state = 'streaming' or state is null

-- name: now
select extract(epoch from clock_timestamp())::float8

-- name: has_migrations
select to_regclass('schema_migration') is not null

-- name: migrations
select version, sha256 from schema_migration order by version

-- name: seats
select count(*) filter (where not t.struck) as seats,
  count(distinct t.code_hmac) filter (where not t.struck) as codes,
  (select count(*) from contestant c
    where c.contest_id = (select contest_id from session where id = $1)
      and not exists (select from sitting s where s.session_id = $1 and s.contestant_id = c.id)) as without_seat
from sitting t where t.session_id = $1

-- name: session_head
select s.phase, s.start_us, p.items from session s join paper p on p.id = s.paper_id where s.id = $1
