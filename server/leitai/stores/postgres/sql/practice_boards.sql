-- Where it says /*place*/, the store puts the condition of one organisation, or nothing for the nation.

-- name: page
-- The places before a page are passed over in the board's index; rows and names are read of the page alone.
with page as materialized (
  select s.learner_id
  from practice_sum s
  where /*place*/ s.period = $1 and s.starts_on = $2
    -- Their sums stay, so that they stand where they did once the account is enabled.
    and s.learner_id not in (select id from learner where disabled)
  order by s.centipoints desc, s.learner_id
  limit $3 offset $4
)
select s.learner_id, s.centipoints, s.questions, l.name, l.nickname,
  s.province_id, s.city_id, s.county_id, s.township_id, s.village_id, s.unit_id
from page
join practice_sum s on s.period = $1 and s.starts_on = $2 and s.learner_id = page.learner_id
join learner l on l.id = s.learner_id
order by s.centipoints desc, s.learner_id

-- name: total
-- Those whose accounts are disabled are few: to look them up takes less than to look at each whether it is one of them.
select (
    select count(*) from practice_sum s where /*place*/ s.period = $1 and s.starts_on = $2
  ) - (
    select count(*) from learner l join practice_sum s on s.learner_id = l.id
    where l.disabled and /*place*/ s.period = $1 and s.starts_on = $2
  )

-- name: above
select (
    select count(*) from practice_sum s where /*place*/ s.period = $1 and s.starts_on = $2 and s.centipoints > $3
  ) - (
    select count(*) from learner l join practice_sum s on s.learner_id = l.id
    where l.disabled and /*place*/ s.period = $1 and s.starts_on = $2 and s.centipoints > $3
  )

-- name: branches
-- Where it says /*under*/, the store puts the condition of those right under one organisation, or of the provinces.
with found as (
  -- As they were added up last, looked up one by one: of a day that has just begun there are no statistics by which to
  -- see that all of the nation's organisations would be gone through,
  select o.id, b.centipoints, b.learners
  from organisation o
  cross join lateral (
    select k.centipoints, k.learners from practice_branch k
    where k.period = $1 and k.starts_on = $2 and k.organisation_id = o.id
    limit 1
  ) b
  where /*under*/
  union all
  -- what has changed since,
  select o.id, c.centipoints, c.learners
  from practice_branch_change c
  cross join unnest(c.places) as p (place)
  join organisation o on o.id = p.place
  where c.period = $1 and c.starts_on = $2 and /*under*/
  union all
  -- and without those whose account is disabled.
  select o.id, -s.centipoints, -1
  from learner l
  join practice_sum s on s.period = $1 and s.starts_on = $2 and s.learner_id = l.id
  join organisation o on o.id in (s.province_id, s.city_id, s.county_id, s.township_id, s.village_id, s.unit_id)
  where l.disabled and /*under*/
)
select id, sum(centipoints)::bigint as centipoints, sum(learners)::bigint as learners
from found
group by id having sum(learners) > 0
order by 2 desc, 1
limit $3

-- name: one_adds_up
select pg_try_advisory_xact_lock(0x6272616e)

-- name: add_up
with taken as (
  delete from practice_branch_change returning period, starts_on, places, centipoints, learners
)
insert into practice_branch as kept (period, starts_on, organisation_id, centipoints, learners)
select t.period, t.starts_on, p.place, sum(t.centipoints), sum(t.learners)
from taken t cross join unnest(t.places) as p (place)
group by 1, 2, 3
on conflict (period, starts_on, organisation_id) do update
set centipoints = kept.centipoints + excluded.centipoints, learners = kept.learners + excluded.learners

-- part: truth
  select s.period, s.starts_on, p.place as organisation_id, sum(s.centipoints) as centipoints, count(*) as learners
  from practice_sum s
  cross join unnest(array[s.province_id, s.city_id, s.county_id, s.township_id, s.village_id, s.unit_id]) as p (place)
  where p.place is not null
  group by 1, 2, 3

-- name: differing_branches
-- How many of them are not what learners' sums say: none, unless somebody wrote to them by hand.
with truth as (
-- take: truth
), kept as (
  select a.period, a.starts_on, a.organisation_id, sum(a.centipoints) as centipoints, sum(a.learners) as learners
  from (
    select * from practice_branch
    union all
    select c.period, c.starts_on, p.place, c.centipoints, c.learners
    from practice_branch_change c cross join unnest(c.places) as p (place)
  ) a
  group by 1, 2, 3
)
select count(*)
from truth t full join kept k using (period, starts_on, organisation_id)
where coalesce(t.centipoints, 0) <> coalesce(k.centipoints, 0) or coalesce(t.learners, 0) <> coalesce(k.learners, 0)

-- name: nobody_adds_up
select pg_advisory_xact_lock(0x6272616e)

-- name: hold_sums
-- Who earns waits until all are summed again: what they add is noted after that.
lock table practice_sum in share mode

-- name: forget_changes
delete from practice_branch_change

-- name: forget_branches
delete from practice_branch

-- name: sum_branches
insert into practice_branch (period, starts_on, organisation_id, centipoints, learners)
-- take: truth

-- name: sums
select period, starts_on, centipoints, questions,
  province_id, city_id, county_id, township_id, village_id, unit_id
from practice_sum
where learner_id = $1
  and (period, starts_on) in (
    (1, $2::date), (2, date_trunc('week', $2::timestamp)::date), (3, date_trunc('month', $2::timestamp)::date),
    (4, date '2000-01-01'))

-- name: days
select starts_on from practice_sum where learner_id = $1 and period = 1

-- name: earned
-- Titles that these earned in those days, as the last night had them.
select distinct learner_id, title
from practice_title
where learner_id = any ($1::bigint[]) and earned_on between $2 and $3
order by learner_id, title
