-- name: settings
select edition, settings::text as settings from award_setting where contest_id = $1 order by edition desc limit 1

-- name: insert_settings
insert into award_setting (contest_id, edition, settings, actor, at_us) values ($1, $2, $3::text::jsonb, $4, $5)

-- name: publication
select l.edition, l.digest, l.opens_us, l.closes_us, coalesce(d.at_us, 0) as definite_us
from award_list l left join award_definite d on d.session_id = l.session_id
where l.session_id = $1 order by l.edition desc limit 1

-- name: newest_publication
select session_id from award_list order by recorded_at desc, session_id desc limit 1

-- name: lists
select edition, content, opens_us, closes_us from award_list where session_id = $1 order by edition

-- name: steps
select a.id, a.session_id, a.kind, a.edition, a.digest, a.closes_us, a.actor, s.name, a.at_us, a.lapses_us
from award_step a join staff s on s.login = a.actor left join award_step_end e on e.step_id = a.id
where ($1::bigint is null or a.session_id = $1) and ($2::bigint is null or a.id = $2)
  and ($3::bigint is null or (e.step_id is null and a.lapses_us > $3))
order by a.id

-- name: insert_step
insert into award_step (session_id, kind, edition, digest, closes_us, actor, at_us, lapses_us)
values ($1, $2, $3, $4, $5, $6, $7, $8) returning id

-- name: insert_step_end
insert into award_step_end (step_id, kind, actor, at_us) values ($1, $2, $3, $4)

-- name: insert_list
insert into award_list (session_id, edition, content, digest, opens_us, closes_us, step_id)
values ($1, $2, $3, sha256(convert_to($3, 'UTF8')), $4, $5, $6)

-- name: insert_definite
insert into award_definite (session_id, edition, step_id, at_us) values ($1, $2, $3, $4)

-- name: insert_certificate
insert into award_certificate (session_id, serial, form, kind, sitting_id, delegation, name, year, token_hash)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9)

-- name: certificates
select serial, form, kind, sitting_id, delegation, name, year, token_hash from award_certificate
where ($1::bigint is null or session_id = $1) and ($2::bytea is null or token_hash = $2) order by session_id, serial

-- name: hold
-- Of one session's awards one thing happens at a time; the schema's triggers wait here, too.
select pg_advisory_xact_lock(hashtextextended('leitai awards', $1::bigint))

-- name: moved
-- What would speak against making awards definite: an objection without its answer, a correction that came since.
select coalesce((select max(id) from award_correction where session_id = $1), 0) as newest_correction,
  exists (
    select from award_objection o left join award_answer a on a.objection_id = o.id
    where o.session_id = $1 and a.objection_id is null) as undecided

-- name: objections
select o.id, o.session_id, o.edition, o.origin, o.sitting_id, o.actor, o.delegation, o.about, o.text, o.at_us,
  a.upheld, a.reason, a.actor as answered_by, a.at_us as answered_us
from award_objection o left join award_answer a on a.objection_id = o.id
where ($1::bigint is null or o.session_id = $1) and ($2::bigint is null or o.id = $2) order by o.id

-- name: lock_filer
select pg_advisory_xact_lock(hashtextextended('leitai objections ' || $1::text, 0))

-- name: count_waiting
select count(*) from award_objection o left join award_answer a on a.objection_id = o.id
where o.session_id = $1 and a.objection_id is null
  and o.sitting_id is not distinct from $2 and o.actor is not distinct from $3

-- name: insert_objection
insert into award_objection (session_id, edition, origin, sitting_id, actor, delegation, about, text, at_us)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9) returning id

-- name: insert_answer
insert into award_answer (objection_id, upheld, reason, actor, at_us) values ($1, $2, $3, $4, $5)

-- name: corrections
select id, objection_id, effect::text as effect, reason, actor, at_us from award_correction
where session_id = $1 order by id

-- name: insert_correction
insert into award_correction (session_id, objection_id, effect, reason, actor, at_us)
values ($1, $2, $3::text::jsonb, $4, $5, $6) returning id

-- name: handed_over
select true from award_handover where session_id = $1

-- name: insert_handover
insert into award_handover (session_id, winners) values ($1, $2) on conflict do nothing
