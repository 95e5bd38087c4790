-- part: periods
  cross join lateral (values
    (1, e.on_day),
    (2, date_trunc('week', e.on_day::timestamp)::date),
    (3, date_trunc('month', e.on_day::timestamp)::date),
    (4, date '2000-01-01')) as p (period, starts_on)

-- name: earn
-- The learner's row is read as it is once nobody moves them any more (`move` locks it): sums never have old places.
with who as materialized (
  select id, organisation_id from learner where id = $1 for key share
), entry as (
  insert into practice_points (learner_id, on_day, kind, source, centipoints, questions)
  values ($1, $2, $3, $4, $5, $6)
  on conflict (learner_id, kind, source) do nothing
  returning learner_id, on_day, centipoints, questions
), summed as (
  insert into practice_sum as kept (
    period, starts_on, learner_id, province_id, city_id, county_id, township_id, village_id, unit_id, centipoints, questions)
  select p.period, p.starts_on, e.learner_id,
    o.places[1], o.places[2], o.places[3], o.places[4], o.places[5], o.places[6], e.centipoints, e.questions
  from entry e
  join who w on w.id = e.learner_id
  left join organisation o on o.id = w.organisation_id
-- take: periods
  on conflict (period, starts_on, learner_id) do update
  set centipoints = kept.centipoints + excluded.centipoints, questions = kept.questions + excluded.questions
  returning 1
)
select count(*) from entry having count(*) > 0

-- name: differing
-- Where sums are not those of the ledger: none, unless somebody wrote to either by hand.
with truth as (
  select p.period, p.starts_on, e.learner_id, sum(e.centipoints) as centipoints, sum(e.questions) as questions
  from practice_points e
-- take: periods
  group by p.period, p.starts_on, e.learner_id
)
select period, starts_on, learner_id,
  coalesce(t.centipoints, 0)::bigint as centipoints, coalesce(t.questions, 0)::integer as questions,
  k.centipoints as kept_centipoints, k.questions as kept_questions
from truth t full join practice_sum k using (period, starts_on, learner_id)
where t.centipoints is distinct from k.centipoints or t.questions is distinct from k.questions
order by learner_id, period, starts_on
limit $1

-- name: hold
-- Whoever earns holds the learner's row (`earn`): afterwards all that was earned is there, and nothing more comes.
select id from learner where id = $1 for update

-- name: mend
-- The ledger is read here and not before: what came since somebody compared is in it.
with truth as (
  select sum(e.centipoints)::bigint as centipoints, sum(e.questions)::integer as questions
  from practice_points e
-- take: periods
  where e.learner_id = $3 and p.period = $1::smallint and p.starts_on = $2::date
  having count(*) > 0
), gone as (
  delete from practice_sum
  where period = $1 and starts_on = $2 and learner_id = $3 and not exists (select from truth)
)
insert into practice_sum as kept (
  period, starts_on, learner_id, province_id, city_id, county_id, township_id, village_id, unit_id, centipoints, questions)
select $1, $2, l.id, o.places[1], o.places[2], o.places[3], o.places[4], o.places[5], o.places[6], t.centipoints, t.questions
from truth t join learner l on l.id = $3 left join organisation o on o.id = l.organisation_id
on conflict (period, starts_on, learner_id) do update
set centipoints = excluded.centipoints, questions = excluded.questions
