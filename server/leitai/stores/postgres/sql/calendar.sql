-- name: contests
select c.id, c.title, c.organizer, c.year, coalesce(d.version, 0) as version,
  coalesce((extract(epoch from d.changed_at) * 1000000)::bigint, 0) as changed_us
from contest c left join calendar d on d.contest_id = c.id
where c.lane = 'contest'
order by d.contest_id is not null desc, c.year desc, c.id desc
limit 200

-- name: contest
select c.id, c.title, c.organizer, c.year, coalesce(d.version, 0) as version,
  coalesce((extract(epoch from d.changed_at) * 1000000)::bigint, 0) as changed_us
from contest c left join calendar d on d.contest_id = c.id
where c.id = $1

-- name: stages
select stage, first, last, note from calendar_stage where contest_id = $1

-- name: lock_contest
select id from contest where id = $1 for update

-- name: version
select version from calendar where contest_id = $1

-- name: set_version
insert into calendar (contest_id, version, changed_by) values ($1, 1, $2)
on conflict (contest_id) do update
set version = calendar.version + 1, changed_at = now(), changed_by = excluded.changed_by

-- name: clear
delete from calendar_stage where contest_id = $1

-- name: insert
insert into calendar_stage (contest_id, stage, first, last, note) values ($1, $2, $3, $4, $5)

-- name: facts
select
  (select count(*) from delegation) as provinces,
  -- Lists that provinces sent in by page, and those of contests whose lists came in by one file.
  greatest(
    (select count(distinct delegation) from nomination where contest_id = $1),
    (select count(*) from nominee_list where contest_id = $1 and state = 'submitted')) as nominated,
  exists (select from nomination_freeze where contest_id = $1) as frozen,
  exists (select from award_list l join session s on s.id = l.session_id where s.contest_id = $1) as listed,
  exists (select from award_definite d join session s on s.id = d.session_id where s.contest_id = $1) as definite,
  (select phase from session where contest_id = $1 and phase <> 'draft' order by start_us desc, id desc limit 1) as phase,
  (select count(*) from appeal a join session s on s.id = a.session_id where s.contest_id = $1) as appeals,
  (select count(*) from appeal a join session s on s.id = a.session_id
    where s.contest_id = $1 and exists (select from appeal_decision d where d.appeal_id = a.id)) as decided
