-- name: keep_key
insert into signing_key (public, sealed) values ($1, $2) on conflict do nothing

-- name: signing_key
select public, sealed from signing_key

-- name: keep_seal
insert into results_seal (session_id, audit_no, audit_hash)
select $1, coalesce(max(a.no), 0), coalesce((array_agg(a.hash order by a.no desc))[1], ''::bytea)
from (select no, hash from audit order by no desc limit 1) a
on conflict do nothing

-- name: seal
select audit_no, audit_hash from results_seal where session_id = $1

-- name: finished
select s.id, c.title as contest, s.title, s.phase, s.frozen_us is not null as frozen,
  (select count(*) from sitting t where t.session_id = s.id) as seats,
  coalesce((select max(e.at_us) from session_event e where e.session_id = s.id and e.kind = 'item_closed'), 0) as ended_us
from session s join contest c on c.id = s.contest_id
where s.phase in ('closed', 'under_review', 'finalized') and c.lane = 'contest'
order by s.id desc limit 200

-- name: final
-- As many as a gateway keeps the boards of.
select s.id, c.title as contest, s.title, s.start_us from session s join contest c on c.id = s.contest_id
where s.phase = 'finalized' and s.frozen_us is null and c.lane = 'contest'
order by s.id desc limit 16
