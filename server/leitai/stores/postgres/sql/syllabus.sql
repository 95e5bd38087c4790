-- name: editions
select e.id, e.name, coalesce(e.based_on, 0) as based_on, e.created_by,
  (extract(epoch from e.created_at) * 1000000)::bigint as created_us,
  coalesce((extract(epoch from e.published_at) * 1000000)::bigint, 0) as published_us,
  (select count(*) from syllabus_point p where p.edition_id = e.id and p.retired_at is null) as points,
  e.id = max(e.id) over () as in_work
from syllabus_edition e order by e.id desc

-- name: edition
select e.name, e.published_at is not null as published, not exists (
  select from syllabus_edition later where later.id > e.id) as in_work
from syllabus_edition e where e.id = $1

-- name: points
select p.point_id, p.module, p.name, p.place, p.retired_at is not null as retired, p.retired_reason,
  coalesce(p.added_at > e.published_at, false) as supplement
from syllabus_point p join syllabus_edition e on e.id = p.edition_id
where p.edition_id = $1 order by p.module, p.place

-- name: point_uses
select point_id, count(*) as uses from question_search where point_id is not null and state <> 'retired' group by point_id

-- name: newest_edition
select id from syllabus_edition order by id desc limit 1 for update

-- name: insert_edition
insert into syllabus_edition (name, based_on, created_by) values ($1, $2, $3) returning id

-- name: insert_copied_point
insert into syllabus_point (edition_id, point_id, module, name, place, added_by) values ($1, $2, $3, $4, $5, $6)

-- name: publish_edition
update syllabus_edition set published_at = clock_timestamp(), published_by = $2
where id = $1 and published_at is null returning id

-- name: known_point
select point_id from syllabus_point where module = $1 and name = $2 order by edition_id desc limit 1

-- name: insert_knowledge_point
insert into knowledge_point (module, created_by) values ($1, $2) returning id

-- name: insert_point
insert into syllabus_point (edition_id, point_id, module, name, place, added_by, added_at)
select $1::bigint, $2::bigint, $3::text, $4::text, coalesce(max(place), 0) + 1, $5::text, clock_timestamp()
from syllabus_point where edition_id = $1 and module = $3

-- name: set_point
update syllabus_point set name = $3, retired_reason = $5,
  retired_at = case when not $4::boolean then null else coalesce(retired_at, now()) end
where edition_id = $1 and point_id = $2
