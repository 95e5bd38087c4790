-- name: releases
select r.*, coalesce(e.name, '') as edition_name, (extract(epoch from r.released_at) * 1000000)::bigint as at_us
from practice_release r left join syllabus_edition e on e.id = r.edition_id
order by r.id desc limit 500

-- name: stock
select v.module, v.type,
  count(*) filter (where r.from_day <= $2) as served,
  count(*) filter (where r.from_day > $2) as scheduled,
  count(*) filter (where r.id is null and (
    $1::bigint = 0 or exists (
      select from syllabus_point sp
      where sp.edition_id = $1 and sp.point_id = v.point_id and sp.retired_at is null))) as ready
from usable_version v
left join practice_question p on p.question_id = v.question_id
left join practice_release r on r.id = p.release_id and r.withdrawn_by is null
where v.type = any($3::text[]) and v.module = any($4::text[])
group by v.module, v.type

-- name: edition
select exists (select from syllabus_edition where id = $1)

-- name: add_release
insert into practice_release (edition_id, module, type, from_day, questions, released_by)
values (nullif($1::bigint, 0), $2, $3, $4, $5, $6) returning id

-- name: lock_releases
lock table practice_question in share row exclusive mode

-- name: ready
select v.question_id from usable_version v
where v.module = $2 and v.type = any($3::text[])
  and not exists (
    select from practice_question p join practice_release r on r.id = p.release_id
    where p.question_id = v.question_id and r.withdrawn_by is null)
  and ($1::bigint = 0 or exists (
    select from syllabus_point sp
    where sp.edition_id = $1 and sp.point_id = v.point_id and sp.retired_at is null))

-- name: add_questions
insert into practice_question (question_id, release_id) select q, $2::bigint from unnest($1::bigint[]) as q
on conflict (question_id) do update set release_id = excluded.release_id

-- name: release_state
select withdrawn_by from practice_release where id = $1 for update

-- name: withdraw
update practice_release set withdrawn_by = $2, withdrawn_at = now(), reason = $3 where id = $1

-- name: findings
select f.id, f.day, f.pattern, f.learners, f.answers, f.figure_us, count(*) over () as total
from practice_finding f order by f.day desc, f.id limit $2 offset $1

-- name: checked
select max(day) from practice_night

-- name: checked_until
select max(day) from practice_night where day <= $1

-- name: see_finding
insert into practice_finding_mark (finding_id, seen_by, note)
select id, $2, $3 from practice_finding where id = $1 returning id

-- name: finding_marks
select finding_id, (extract(epoch from at) * 1000000)::bigint as at_us, seen_by, note
from practice_finding_mark where finding_id = any ($1::bigint[]) order by finding_id, id

-- name: participation
select p.province, coalesce(d.name, '') as province_name, p.module, sum(p.learners)::bigint as learners,
  sum(p.answers)::bigint as answers, sum(p.right_answers)::bigint as right_answers
from practice_participation p left join delegation d on d.code = p.province
where p.day between $1 and $2
group by p.province, d.name, p.module order by p.province = '', p.province, p.module

-- name: open_days
-- By the index, from day to day: there is no reading of all sets.
with recursive days (day) as (
  (select day from practice_set
    where day > coalesce((select max(n.day) from practice_night n), date '2000-01-01') order by day limit 1)
  union all
  select (select s.day from practice_set s where s.day > d.day order by s.day limit 1) from days d where d.day is not null
)
select day from days where day < $1 order by day

-- name: expired_sets
select s.*, '{}'::bigint[] as bookmarked from practice_set s
where s.day = $1 and s.closed_us is null and s.expires_us <= $2 and s.learner_id > $3
order by s.learner_id, s.id limit $4

-- name: still_open
select s.*, '{}'::bigint[] as bookmarked from practice_set s where s.id = any($1::bigint[]) and s.closed_us is null

-- name: of_learners
select s.learner_id, s.network, s.opened_us, s.question_ids, s.given, s.was_right, s.answered_us
from practice_set s where s.day = $1 and s.learner_id > $2 order by s.learner_id, s.opened_us limit $3

-- name: shared_networks
-- With how many answers came from each, so that only those are read that are looked through.
select network, array_agg(distinct learner_id order by learner_id) as learners,
  sum(cardinality(array_remove(answered_us, null)))::bigint as answers
from practice_set where day = $1 and network <> ''
group by network having count(distinct learner_id) > 1 order by network

-- name: of_network
select s.learner_id, s.network, s.opened_us, s.question_ids, s.given, s.was_right, s.answered_us
from practice_set s where s.day = $1 and s.network = $2 order by s.learner_id, s.opened_us

-- name: uses
select u.version_id, count(*) as takers, count(*) filter (where u.was_right) as right_answers
from practice_set s cross join unnest(s.version_ids, s.was_right) as u (version_id, was_right)
where s.day = $1 and u.was_right is not null
group by u.version_id

-- name: finish
insert into practice_night (day) values ($1) on conflict do nothing returning day

-- name: add_findings
insert into practice_finding (day, pattern, learners, answers, figure_us) values ($1, $2, $3, $4, $5)

-- name: add_participation
-- By module, and of all modules together: whoever was in several of them on a day is one learner of that day.
insert into practice_participation (day, province, module, learners, answers, right_answers)
select $1::date, coalesce(o.province, ''), coalesce(v.module, ''), count(distinct s.learner_id), count(*),
  count(*) filter (where u.was_right)
from practice_set s
cross join unnest(s.version_ids, s.was_right) as u (version_id, was_right)
join question_version v on v.id = u.version_id
join learner l on l.id = s.learner_id
left join organisation o on o.id = l.organisation_id
where s.day = $1 and u.was_right is not null
group by grouping sets ((coalesce(o.province, ''), v.module), (coalesce(o.province, '')))
