-- name: all
select o.code, o.name, o.level, coalesce(p.code, '') as parent, o.province, o.closed
from organisation o left join organisation p on p.id = o.parent_id
where $1::text is null or o.province = $1

-- name: organisation
select id, code, name, level, parent_id, province, places, closed from organisation where id = $1

-- name: children
select o.id, o.code, o.name, o.level, o.closed,
  exists (select from organisation c where c.parent_id = o.id) as inner
from organisation o
where o.parent_id is not distinct from $1::bigint
order by o.name collate "C", o.id
limit $2

-- name: names
select id, name, level from organisation where id = any ($1::bigint[])

-- name: counts
-- Learners at and under each province. Everybody is counted once, by the place where they are.
select u.places[1] as id, count(*) as learners
from organisation u join learner l on l.organisation_id = u.id
group by 1

-- name: counts_under
-- Learners at and under each of an organisation's own: the next place below it, whatever level that is.
select coalesce(
    u.places[p.level + 1], u.places[p.level + 2], u.places[p.level + 3], u.places[p.level + 4], u.places[p.level + 5]
  ) as id,
  count(*) as learners
from organisation p
join organisation u on u.places @> array[$1::bigint] and u.id <> p.id
join learner l on l.organisation_id = u.id
where p.id = $1
group by 1

-- name: lock
lock table organisation in share row exclusive mode

-- name: ids
select code, id from organisation where code = any ($1::text[])

-- name: insert
with new as (select nextval(pg_get_serial_sequence('organisation', 'id')) as id)
insert into organisation (id, code, name, level, parent_id, province, places, closed)
select n.id, $1::text, $2::text, $3::smallint, p.id, $5::text,
  p.places[1:($3 - 1)] || n.id || array_fill(null::bigint, array[6 - $3]), $6::boolean
from new n join organisation p on p.code = $4

-- name: update
update organisation set name = $2, closed = $3 where code = $1
