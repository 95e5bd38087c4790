-- name: facts
select
  (select e.state from draw_event e where e.contest_id = c.id order by e.number desc, e.no desc limit 1) as draw,
  exists (select from contestant p where p.contest_id = c.id) as rostered,
  bank.editions, bank.published
from contest c
-- An edition is of the year that its name begins with, or in which it was published. The one that the schema brings says
-- nothing while it is empty.
cross join lateral (
  select count(*) as editions, count(e.published_at) as published
  from syllabus_edition e
  where (left(e.name, 4) = c.year::text
      or extract(year from e.published_at at time zone 'Asia/Shanghai') = c.year)
    and (e.published_at is not null or e.created_by <> 'schema'
      or exists (select from syllabus_point p where p.edition_id = e.id))
) bank
where c.id = $1
