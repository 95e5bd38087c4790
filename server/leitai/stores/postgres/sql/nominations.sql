-- name: contest_states
select c.id, c.title, c.year, f.at_us as frozen_us, r.made_us, r.published_us,
  coalesce((select sum(edition) from nominee_list where contest_id = c.id), 0)::bigint
    + (select count(*) from practice_import where contest_id = c.id) as edition
from contest c
left join nomination_freeze f on f.contest_id = c.id
left join roster_publication r on r.contest_id = c.id
where c.lane = 'contest' and ($1::bigint is null or c.id = $1)
order by c.id desc

-- name: hold_contest
select id from contest where id = $1 for share

-- name: lists
select l.delegation, l.state, l.edition, l.changed_us, l.changed_by, l.return_reason, l.upload,
  u.file_name, u.file_sha256, u.at_us, u.actor,
  (select count(*) from nominee n where n.contest_id = l.contest_id and n.delegation = l.delegation
    and n.upload = l.upload and n.list = 'named') as named,
  (select count(*) from nominee n where n.contest_id = l.contest_id and n.delegation = l.delegation
    and n.upload = l.upload and n.list = 'nominated') as nominated,
  exists (select from nominee_upload e where e.contest_id = l.contest_id and e.delegation = l.delegation
    and e.upload < l.upload) as undoable,
  exists (select from nomination_freeze f where f.contest_id = l.contest_id) as frozen
from nominee_list l
left join nominee_upload u on u.contest_id = l.contest_id and u.delegation = l.delegation and u.upload = l.upload
where l.contest_id = $1 and ($2::text is null or l.delegation = $2)
order by l.delegation

-- name: lock_list
select state, upload, edition from nominee_list where contest_id = $1 and delegation = $2 for update

-- name: nominees
select id, delegation, list, no, name, unit, id_sealed, id_hash, phone_sealed, daily_star_titles, weekly_centipoints,
  prior_events, prior_titles
from nominee
where contest_id = $1 and ($2::text is null or delegation = $2) and in_force
order by delegation, list, no

-- name: taken
select delegation, id_hash, phone_hash from nominee
where contest_id = $1 and delegation <> $2 and in_force and (id_hash = any ($3::bytea[]) or phone_hash = any ($3::bytea[]))

-- name: begin_list
insert into nominee_list (contest_id, delegation, state, upload, edition, changed_us, changed_by)
values ($1, $2, 'uploaded', 0, 1, $3, $4)
on conflict do nothing

-- name: insert_upload
insert into nominee_upload (contest_id, delegation, upload, file_name, file_sha256, at_us, actor)
values ($1, $2, $3, $4, $5, $6, $7)

-- name: put_out_of_force
update nominee set in_force = false where contest_id = $1 and delegation = $2 and in_force

-- name: put_in_force
update nominee set in_force = true where contest_id = $1 and delegation = $2 and upload = $3

-- name: insert_nominee
insert into nominee (contest_id, delegation, upload, in_force, list, no, name, unit, id_sealed, id_hash, phone_sealed,
  phone_hash, daily_star_titles, weekly_centipoints, prior_events, prior_titles)
values ($1, $2, $3, true, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)

-- name: add_won_place
insert into won_place (contest_id, delegation, id_hash, session_id, rank, people, centipoints, actor)
values ($1, $2, $3, $4, $5, $6, $7, $8)
on conflict (contest_id, delegation, id_hash, session_id) do update set rank = excluded.rank, people = excluded.people,
  centipoints = excluded.centipoints, actor = excluded.actor, at = now()

-- name: earlier_upload
select max(upload) from nominee_upload where contest_id = $1 and delegation = $2 and upload < $3

-- name: forget_nominees
delete from nominee where contest_id = $1 and ($2::text is null or delegation = $2) and not in_force
  and ($3::integer is null or upload < $3 or upload > $4)

-- name: forget_uploads
delete from nominee_upload where contest_id = $1 and delegation = $2 and (upload < $3 or upload > $4)

-- name: change_list
update nominee_list
set state = $3, upload = $4, edition = edition + 1, return_reason = $5, changed_us = $6, changed_by = $7
where contest_id = $1 and delegation = $2

-- name: practice
select id_hash, name, daily_star_titles, weekly_centipoints, as_of from practice_record
where contest_id = $1 and id_hash = any ($2::bytea[])

-- name: practice_state
select count(*) as records, min(as_of) as first, max(as_of) as last from practice_record where contest_id = $1

-- name: insert_practice_import
insert into practice_import (contest_id, import_no, file_name, file_sha256, records, at_us, actor)
select $1::bigint, coalesce(max(import_no), 0) + 1, $2::text, $3::bytea, $4::integer, $5::bigint, $6::text
from practice_import where contest_id = $1

-- name: upsert_practice
insert into practice_record (contest_id, id_hash, name, daily_star_titles, weekly_centipoints, as_of)
values ($1, $2, $3, $4, $5, $6)
on conflict (contest_id, id_hash) do update
set name = excluded.name, daily_star_titles = excluded.daily_star_titles,
  weekly_centipoints = excluded.weekly_centipoints, as_of = excluded.as_of

-- name: past_rosters
select i.id_hash, c.year from contestant_identity i
join contestant t on t.id = i.contestant_id join contest c on c.id = t.contest_id
where c.year < $1 and i.id_hash = any ($2::bytea[])
order by c.year

-- name: insert_frozen
insert into nomination (contest_id, delegation, list, no, name, unit, daily_star_titles, weekly_centipoints, prior_events,
  prior_titles, eligible, id_hash)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)

-- name: insert_freeze
insert into nomination_freeze (contest_id, at_us, request_id) values ($1, $2, $3)

-- name: frozen_lines
select delegation, list, no, name, unit, daily_star_titles, weekly_centipoints, prior_events, prior_titles, eligible, id_hash
from nomination where contest_id = $1
order by delegation, list, no

-- name: insert_contestant
insert into contestant (contest_id, delegation, seat, name, unit, origin, daily_star_titles, weekly_centipoints,
  prior_events, prior_titles)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)

-- name: insert_identity
insert into contestant_identity (contestant_id, id_hash)
select id, $4::bytea from contestant where contest_id = $1 and delegation = $2 and seat = $3

-- name: insert_publication
insert into roster_publication (contest_id, made_us) values ($1, $2)

-- name: publish
update roster_publication set published_us = $2 where contest_id = $1 and published_us is null returning contest_id

-- name: seats
select c.id, c.delegation, c.seat, c.name, c.unit, c.origin, c.daily_star_titles, c.weekly_centipoints, c.prior_events,
  c.prior_titles, s.reason as struck_reason
from contestant c left join strike_off s on s.contestant_id = c.id
where c.contest_id = $1 and ($2::text is null or c.delegation = $2) and c.origin <> 'simulated'
order by c.delegation, c.seat

-- name: insert_strike
insert into strike_off (contestant_id, reason, request_id) values ($1, $2, $3)

-- name: strike_sittings
update sitting t set struck = true, struck_reason = $2
from session s where s.id = t.session_id and t.contestant_id = $1 and s.phase in ('draft', 'scheduled')

-- name: insert_request
insert into people_request (contest_id, act, contestant_id, reason, expects, actor, at_us, lapses_us)
values ($1, $2, $3, $4, $5, $6, $7, $8) returning id

-- name: requests
select r.id, r.contest_id, r.act, r.contestant_id, r.reason, r.expects, r.actor, s.name, r.at_us, r.lapses_us
from people_request r join staff s on s.login = r.actor left join people_decision d on d.request_id = r.id
where ($1::bigint is null or r.contest_id = $1) and ($2::bigint is null or r.id = $2)
  and ($3::bigint is null or (d.request_id is null and r.lapses_us > $3))
order by r.id

-- name: insert_decision
insert into people_decision (request_id, kind, actor, at_us) values ($1, $2, $3, $4)
