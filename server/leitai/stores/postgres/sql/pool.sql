-- name: search
select p.*, count(*) over () as total
from pool_person p
where p.merged_into is null
  and ($1 = '' or p.province = $1)
  and ($2 = '' or strpos(lower(p.name || ' ' || p.unit || ' ' || array_to_string(p.expertise, ' ')), lower($2)) > 0)
  and ($3 = 0 and $4 = '' or exists (
    select from pool_honour h
    where h.person_id = p.id and ($3 = 0 or h.year = $3) and ($4 = '' or h.kind = $4)))
  and ($5 = '' or p.state = $5)
order by p.name collate "C", p.id
limit $6 offset $7

-- name: person
select * from pool_person where id = $1

-- name: candidates
select * from pool_person
where merged_into is null and (id_digest = any ($1::bytea[]) or name = any ($2::text[]))
order by id

-- name: honours
select person_id, year, kind, title, place, province, source from pool_honour where person_id = any ($1::bigint[])

-- name: honours_by_digest
select p.id_digest, h.year, h.kind, h.title, h.place, h.province, h.source
from pool_person p join pool_honour h on h.person_id = p.id
where p.id_digest = any ($1::bytea[])

-- name: events
select (extract(epoch from at) * 1000000)::bigint as at_us, actor, kind, detail
from pool_event where person_id = $1 order by id desc

-- name: lock
lock table pool_person in share row exclusive mode

-- name: versions
select id, version from pool_person where id = any ($1::bigint[]) and merged_into is null

-- name: new_ids
select nextval(pg_get_serial_sequence('pool_person', 'id')) as id from generate_series(1, $1::integer)

-- name: insert_person
insert into pool_person (id, name, province, unit, expertise, state, revised_us, id_digest, id_sealed, phone_sealed)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)

-- name: update_person
update pool_person
set version = version + 1, name = $2, province = $3, unit = $4, expertise = $5, state = $6, revised_us = $7,
  id_digest = coalesce($8, id_digest), id_sealed = coalesce($9, id_sealed), phone_sealed = coalesce($10, phone_sealed)
where id = $1

-- name: put_honour
insert into pool_honour (person_id, year, kind, title, place, province, source)
values ($1, $2, $3, $4, $5, $6, $7)
on conflict (person_id, year, kind, title) do update
set place = excluded.place, province = excluded.province, source = excluded.source

-- name: insert_event
insert into pool_event (person_id, actor, kind, detail) values ($1, $2, $3, $4)

-- name: merge_away
update pool_person
set version = version + 1, merged_into = $3, id_digest = null, id_sealed = null, phone_sealed = null
where id = $1 and version = $2 and merged_into is null
returning id

-- name: follow_winners
update pool_winner set person_id = $2 where person_id = $1

-- name: last_file
select max(sequence) from pool_file where province = $1

-- name: insert_file
insert into pool_file (province, sequence, sha256, report, taken_by) values ($1, $2, $3, $4, $5)

-- name: files
select province, sequence, sha256, report, (extract(epoch from taken_at) * 1000000)::bigint as taken_us
from pool_file where province = $1 order by sequence desc

-- name: winners
select contestant_id, kind from pool_winner where contest_id = $1

-- name: roster_digests
select contestant_id, id_hash from contestant_identity where contestant_id = any ($1::bigint[])

-- name: insert_winner
insert into pool_winner (contest_id, contestant_id, kind, person_id) values ($1, $2, $3, $4)

-- name: keys
select id, province, public, (extract(epoch from created_at) * 1000000)::bigint as created_us, created_by,
  revoked_at is not null as revoked
from pool_key order by province, created_at, id

-- name: insert_key
insert into pool_key (id, province, public, created_by) values ($1, $2, $3, $4) on conflict do nothing returning id

-- name: revoke_key
update pool_key set revoked_at = now(), revoked_by = $2 where id = $1 and revoked_at is null returning id

-- name: tokens
select id, province, (extract(epoch from created_at) * 1000000)::bigint as created_us, created_by,
  revoked_at is not null as revoked
from pool_token order by id

-- name: insert_token
insert into pool_token (province, digest, created_by) values ($1, $2, $3) returning id

-- name: revoke_token
update pool_token set revoked_at = now(), revoked_by = $2 where id = $1 and revoked_at is null returning id

-- name: token_of
select id, province, (extract(epoch from created_at) * 1000000)::bigint as created_us, created_by, false as revoked
from pool_token where digest = $1 and revoked_at is null
