-- name: sealed_papers
-- Neither played before nor planned for anything else.
select p.id, p.title, p.items, p.centipoints, p.seconds from paper p
where p.state = 'sealed' and not exists (
  select from session s left join monthly m on m.session_id = s.id
  where s.paper_id = p.id and m.withdrawn_by is null)
order by p.id desc limit 200

-- part: month
select m.session_id, m.month, s.title, p.title as paper_title, p.items, p.centipoints, m.opens_us, m.closes_us, s.own_us,
  s.phase, m.settled_us is not null as settled, m.scheduled_by, coalesce(m.withdrawn_by, '') as withdrawn_by,
  (select count(*) from monthly_sitting t where t.session_id = m.session_id) as enrolled, coalesce(m.sat, 0) as sat
from monthly m join session s on s.id = m.session_id join paper p on p.id = s.paper_id

-- name: months
-- take: month
order by m.opens_us desc, m.session_id desc limit 120

-- name: to_settle
-- take: month
where m.settled_us is null and m.withdrawn_by is null and s.phase = 'finalized'
order by m.opens_us

-- name: own
-- Of one learner: nobody else's sitting is looked at, however many there are.
select m.session_id, m.month, s.title, p.title as paper_title, p.items, p.centipoints, m.opens_us, m.closes_us, s.own_us,
  s.phase, m.settled_us is not null as settled, m.scheduled_by, '' as withdrawn_by, 0 as enrolled, 0 as sat,
  coalesce(t.begun_us, (
    select a.stamp_us from answer a
    where a.session_id = m.session_id and a.sitting_id = t.id and a.item_no = 0 order by a.stamp_us limit 1)) as begun_us,
  t.centipoints as own_centipoints, t.elapsed_us, t.answered, t.rank, coalesce(m.sat, 0) as others
from monthly m join session s on s.id = m.session_id join paper p on p.id = s.paper_id
left join monthly_sitting t on t.session_id = m.session_id and t.learner_id = $1
where m.withdrawn_by is null and m.month >= $2
order by m.opens_us desc limit 13

-- name: contest
select id from contest where lane = 'monthly' and year = $1 order by id limit 1

-- name: add_contest
insert into contest (title, organizer, year, lane) values ($1, $2, $3, 'monthly') returning id

-- name: paper_is_free
select exists (
  select from paper p where p.id = $1 and p.state = 'sealed' and not exists (
    select from session s left join monthly m on m.session_id = s.id
    where s.paper_id = p.id and m.withdrawn_by is null))

-- name: lock
select pg_advisory_xact_lock(hashtextextended('leitai monthly', 0))

-- name: insert
insert into monthly (session_id, month, opens_us, closes_us, scheduled_by) values ($1, $2, $3, $4, $5)

-- name: withdraw
update monthly m set withdrawn_by = $2
from session s where s.id = m.session_id and m.session_id = $1 and m.withdrawn_by is null and s.phase = 'draft'
returning m.session_id

-- name: hold
-- Whoever prepares holds it, too: what is withdrawn afterwards, or not, sees what became of it.
select session_id from monthly where session_id = $1 and withdrawn_by is null for update

-- name: prepare
with due as (
  select m.session_id from monthly m join session s on s.id = m.session_id
  where s.phase = 'draft' and m.withdrawn_by is null and m.opens_us < $1
  order by m.session_id for update of m
)
update session s set phase = 'scheduled' from due
where s.id = due.session_id and s.phase = 'draft'
returning s.id

-- name: enrol
with fresh as (
  insert into monthly_sitting (session_id, learner_id, enrolled_us) values ($1, $2, $3)
  on conflict (session_id, learner_id) do nothing returning id
)
select id from fresh union all
select id from monthly_sitting where session_id = $1 and learner_id = $2 limit 1

-- name: sitter
select t.session_id, l.name, coalesce(o.name, '') as place
from monthly_sitting t
join learner l on l.id = t.learner_id
left join organisation w on w.id = l.organisation_id
left join organisation o on o.id = w.places[1]
where t.id = $1 and not l.disabled

-- name: sittings
select id from monthly_sitting where session_id = $1 order by id

-- name: answers_of
select shard, "offset", sitting_id, item_no, client_seq, response, stamp_us, elapsed_us, elapsed_flagged, status
from answer where session_id = $1 and sitting_id = any ($2::bigint[])
order by sitting_id, "offset"

-- name: learners_of
select id, learner_id from monthly_sitting where session_id = $1 and id = any ($2::bigint[])

-- name: write_result
update monthly_sitting set begun_us = $3, centipoints = $4, elapsed_us = $5, answered = $6, rank = $7
where session_id = $1 and id = $2 and rank is null returning learner_id

-- name: settled
update monthly set settled_us = $2, sat = (
  select count(*) from monthly_sitting t where t.session_id = $1 and t.rank is not null)
where session_id = $1 and settled_us is null
