-- name: by_account
select l.*, o.places, o.closed
from learner l left join organisation o on o.id = l.organisation_id
where ($1::text is not null and l.login = $1) or ($2::bytea is not null and l.phone_hash = $2)

-- name: learner
select l.*, o.places, o.closed
from learner l left join organisation o on o.id = l.organisation_id
where l.id = $1

-- name: by_feed
select l.*, o.places, o.closed
from learner l left join organisation o on o.id = l.organisation_id
where l.feed_digest = $1 and not l.disabled

-- name: next_id
select nextval(pg_get_serial_sequence('learner', 'id'))

-- name: insert
insert into learner (
  id, kind, organisation_id, login, phone_hash, phone_sealed, id_hash, id_sealed, name, nickname, password)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)

-- name: open_organisation
select places from organisation where id = $1 and not closed for key share

-- name: lock
select version from learner where id = $1 for update

-- name: change
update learner set version = version + 1, kind = $3, organisation_id = $4, name = $5, nickname = $6
where id = $1 and version = $2

-- name: move
-- Where somebody belongs now, in the periods that still run; what is over stays where it was earned.
update practice_sum s
set province_id = p.places[1], city_id = p.places[2], county_id = p.places[3], township_id = p.places[4],
  village_id = p.places[5], unit_id = p.places[6]
from (select $2::bigint[] as places) p
where s.learner_id = $1
  and (s.period, s.starts_on) in (
    (1, $3::date), (2, date_trunc('week', $3::timestamp)::date), (3, date_trunc('month', $3::timestamp)::date),
    (4, date '2000-01-01'))

-- name: set_password
update learner set version = version + 1, password = $2 where id = $1

-- name: set_identity
update learner set version = version + 1, id_hash = $2, id_sealed = $3 where id = $1 and id_hash is null

-- name: set_feed
update learner set feed_digest = $2 where id = $1
