-- name: next_session_id
select nextval(pg_get_serial_sequence('public.session', 'id'))

-- name: insert_session
insert into session (id, contest_id, paper_id, title, phase, start_us, lobby_opens_us, secret_sealed, pacing, counted,
  gap_us, duration_us, late_entry_us, board_follows, freeze_percent, show_own, show_key, conduct_limit, appeal_us,
  auto_finalize, shards, own_us)
overriding system value
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22)

-- name: current
-- Until a session that is over is final, its judges work: no newer one takes its place.
select s.id from session s join contest c on c.id = s.contest_id
where s.phase <> 'draft' and c.lane = 'contest'
order by (s.phase = 'finalized'), (s.phase not in ('closed', 'under_review')), s.id desc limit 1

-- name: current_monthly
-- The month that is under way goes before the next one.
select m.session_id from monthly m join session s on s.id = m.session_id
where s.phase <> 'draft' and m.withdrawn_by is null
order by (s.phase = 'finalized'), case when s.phase = 'finalized' then -m.opens_us else m.opens_us end limit 1

-- name: session
select s.*, c.title as contest_title, c.organizer, c.year, c.owner as contest_owner,
  coalesce(z.prizes, '[]')::text as prizes
from session s join contest c on c.id = s.contest_id left join contest_prizes z on z.contest_id = c.id
where s.id = $1

-- name: items
select i.item_no, i.centipoints, i.seconds, i.marking, q.type, q.stem, q.option_ids, q.option_texts, q.key, q.parts,
  q.explanation
from session s
join paper_item i on i.paper_id = s.paper_id
join question_version q on q.id = i.question_version_id
where s.id = $1
order by i.item_no

-- name: members
select t.id, c.name, c.delegation, t.struck, t.absent, t.room
from sitting t join contestant c on c.id = t.contestant_id
where t.session_id = $1
order by t.id

-- name: delegations
select code, name, short from delegation order by code

-- name: save_phase
update session set phase = $2, start_us = $3, frozen_us = $4 where id = $1

-- name: save_script
insert into session_script (session_id, script) values ($1, $2)
on conflict (session_id) do update set script = excluded.script

-- name: script
select script from session_script where session_id = $1

-- name: answers
select shard, "offset", sitting_id, item_no, client_seq, response, stamp_us, elapsed_us, elapsed_flagged, status
from answer where session_id = $1
order by shard, "offset"

-- name: sitting_answers
select shard, "offset", sitting_id, item_no, client_seq, response, stamp_us, elapsed_us, elapsed_flagged, status
from answer where session_id = $1 and sitting_id = $2
order by shard, "offset"

-- name: events
select id, at_us, kind, detail from session_event
where session_id = $1 and ($2::text is null or kind = $2)
order by id

-- name: revision
select concat_ws(' ', s.phase, s.start_us, coalesce(s.frozen_us, 0), (
  select string_agg(concat_ws('-', stream, shard, ms, seq), ',' order by stream, shard)
  from recorder_position p where p.session_id = s.id
), (select count(*) filter (where t.struck) || '/' || count(*) filter (where t.absent) from sitting t
    where t.session_id = s.id), (select count(*) from ruling r join ruling_act a on a.ruling_id = r.id
    where r.session_id = s.id), (select count(*) from mark m where m.session_id = s.id))
from session s where s.id = $1

-- name: earlier
select s.id, c.title as contest_title, s.title, s.phase, s.start_us, concat_ws(' ', (
  select string_agg(concat_ws('-', stream, shard, ms, seq), ',' order by stream, shard)
  from recorder_position p where p.session_id = s.id
), (select count(*) filter (where t.struck) || '/' || count(*) filter (where t.absent) from sitting t
    where t.session_id = s.id)) as revision
from session s join contest c on c.id = s.contest_id
where c.lane = 'contest' and s.phase in ('closed', 'under_review', 'finalized')
  and ($1::bigint is null or s.id = $1)
order by s.id desc limit 50

-- name: conduct
select sitting_id, at_us, kind, detail from sitting_event
where session_id = $1 and kind in ('check_in', 'connected', 'left', 'superseded')
order by id
