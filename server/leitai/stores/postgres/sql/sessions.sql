-- name: papers
select p.id, p.title, p.items, p.centipoints, p.seconds from paper p
where p.state in ('sealed', 'opened') and not exists (
  select from session s join monthly m on m.session_id = s.id where s.paper_id = p.id and m.withdrawn_by is null)
order by p.id desc

-- name: contests
select c.id, c.title, c.year, (select count(*) from contestant t where t.contest_id = c.id) as roster
from contest c where c.lane = 'contest' order by c.id desc

-- name: sessions
select s.id, s.contest_id, c.title as contest_title, p.title as paper_title, s.title, s.phase, s.pacing, s.start_us,
  s.lobby_opens_us, s.freeze_percent, (select count(*) from sitting t where t.session_id = s.id) as seats,
  (select count(*) from sitting t where t.session_id = s.id and t.struck) as struck,
  exists (select from session_script x where x.session_id = s.id) as conducted
from session s join contest c on c.id = s.contest_id join paper p on p.id = s.paper_id
where c.lane = 'contest'
order by s.id desc limit 200

-- name: lock
select pg_advisory_xact_lock(hashtextextended('leitai schedule', 0))

-- name: schedule
update session set phase = 'scheduled'
where id = $1 and phase = 'draft' and not exists (select from session_script x where x.session_id = $1)
  and not exists (
    select from session s join contest c on c.id = s.contest_id
    where s.phase in ('lobby', 'running', 'paused', 'closed', 'under_review') and s.id <> $1 and c.lane = 'contest')
returning id

-- name: move
update session set start_us = $2, lobby_opens_us = $3 where id = $1 and phase in ('draft', 'scheduled') returning id

-- name: withdraw
update session set phase = 'draft' where id = $1 and phase in ('draft', 'scheduled') returning id
