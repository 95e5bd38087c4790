-- name: days_of
-- Everything of one learner that a title could rest on.
select learner_id, kind, on_day, (case kind when 3 then max(centipoints) else sum(centipoints) end)::bigint as centipoints,
  sum(questions)::integer as questions
from practice_points
where learner_id = any ($1::bigint[]) and kind in (1, 2, 3) and on_day between $2 and $3
group by learner_id, kind, on_day
order by learner_id, on_day, kind

-- name: daily
with days as (
  select learner_id, on_day, sum(questions)::integer as questions, date_trunc('month', on_day::timestamp)::date as begins
  from practice_points where kind = 1 and on_day between $1 and $2
  group by learner_id, on_day having sum(questions) >= $3
), months as (
  select learner_id, begins from days group by learner_id, begins having count(*) >= $4
)
select d.learner_id, 1 as kind, d.on_day, 0::bigint as centipoints, d.questions
from days d join months m using (learner_id, begins)
order by d.learner_id, d.on_day

-- name: weekly
with days as (
  select learner_id, on_day, sum(centipoints)::bigint as centipoints, date_trunc('week', on_day::timestamp)::date as begins
  from practice_points where kind = 2 and on_day between $1 and $2
  group by learner_id, on_day
), weeks as (
  select learner_id, begins from days group by learner_id, begins having sum(centipoints) >= $3
)
select d.learner_id, 2 as kind, d.on_day, d.centipoints, 0 as questions
from days d join weeks w using (learner_id, begins)
order by d.learner_id, d.on_day

-- name: monthly
select learner_id, 3 as kind, on_day, max(centipoints)::bigint as centipoints, 0 as questions
from practice_points where kind = 3 and on_day between $1 and $2
group by learner_id, on_day having max(centipoints) >= $3
order by learner_id, on_day

-- name: disabled
select id from learner where disabled

-- name: alone
select pg_try_advisory_xact_lock(0x7469746c)

-- name: forget
delete from practice_title t
where t.title = any ($1::smallint[]) and t.starts_on between $2 and $3
  and not exists (
    select from unnest($4::bigint[], $5::smallint[], $6::date[]) as f (learner_id, title, starts_on)
    where f.learner_id = t.learner_id and f.title = t.title and f.starts_on = t.starts_on)

-- name: keep
insert into practice_title as kept (learner_id, title, starts_on, earned_on, evidence)
select * from unnest($1::bigint[], $2::smallint[], $3::date[], $4::date[], $5::jsonb[])
on conflict (learner_id, title, starts_on) do update
set earned_on = excluded.earned_on, evidence = excluded.evidence
where kept.earned_on <> excluded.earned_on or kept.evidence <> excluded.evidence

-- name: nominated
-- Who of a contest's lists learns here: the same identity number and the same name.
select n.id_hash, l.id as learner_id, n.name
from nominee n join learner l on l.id_hash = n.id_hash and l.name = n.name
where n.contest_id = $1 and n.in_force and not l.disabled
order by l.id

-- name: nominees
select count(*) from nominee where contest_id = $1 and in_force

-- name: weekly_points
select learner_id, sum(centipoints)::bigint as centipoints
from practice_points
where learner_id = any ($1::bigint[]) and kind = 2 and on_day between $2 and $3
group by learner_id
