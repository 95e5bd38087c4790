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

-- name: organisations
select /*child*/ as id, sum(s.centipoints)::bigint as centipoints, count(*) as learners
from practice_sum s
where /*place*/ s.period = $1 and s.starts_on = $2 and /*child*/ is not null
  and s.learner_id not in (select id from learner where disabled)
group by 1
order by 2 desc, 1
limit $3

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
