-- name: stages
select s.id, s.title, s.state, jsonb_array_length(s.plan -> 'teams') as teams,
  (select count(*) from stage_question q where q.stage_id = s.id) as questions,
  (extract(epoch from s.created_at) * 1000000)::bigint as created_us
from stage s
order by s.id desc
limit 200

-- name: stage
select id, state, plan::text as plan, codes, edition from stage where id = $1

-- name: wanted
select edition, wanted::text as wanted, plan::text as plan, array(
    select v.question_id from stage_question q join question_version v on v.id = q.version_id
    where q.stage_id = s.id order by q.number) as questions
from stage s where id = $1

-- name: questions
select v.type, v.stem, v.option_ids, v.option_texts, v.key, v.explanation, v.difficulty, v.module, v.point, v.tags, v.parts
from stage_question q join question_version v on v.id = q.version_id
where q.stage_id = $1
order by q.number

-- name: media
select q.number, encode(m.sha256, 'hex') as sha256, m.media_type, m.bytes, m.width, m.height, s.caption
from stage_question q join question_media s on s.version_id = q.version_id join media m on m.id = s.media_id
where q.stage_id = $1
order by q.number, s.place

-- name: named
-- Certain questions in the order in which they were named; as many rows as are usable.
select u.id
from unnest($1::bigint[]) with ordinality as n (question_id, place)
join usable_version u on u.question_id = n.question_id
where n.question_id not in (select question_id from stage_shown)
order by n.place

-- name: drawn
select id from usable_version
where id <> all($1::bigint[]) and ($2 = '' or module = $2) and question_id not in (select question_id from stage_shown)
order by gen_random_uuid()
limit $3

-- name: insert_stage
insert into stage (title, plan, created_by, wanted) values ($1, $2::text::jsonb, $3, $4::text::jsonb) returning id

-- name: take
select state, edition, plan::text as plan from stage where id = $1 for update

-- name: replan
update stage set title = $2, plan = $3::text::jsonb, wanted = $4::text::jsonb, edition = edition + 1 where id = $1

-- name: clear_questions
delete from stage_question where stage_id = $1

-- name: begin
update stage set state = 'running' where id = $1 and state = 'draft' and edition = $2 returning id

-- name: shown_before
select q.number
from stage_question q join question_version v on v.id = q.version_id
where q.stage_id = $1 and v.question_id in (select question_id from stage_shown where stage_id <> $1)
order by q.number

-- name: to_lock
select distinct v.id
from stage_shown s join question_version v on v.id = s.version_id
where s.stage_id = $1 and v.state <> 'locked'

-- name: insert_question
insert into stage_question (stage_id, number, version_id) values ($1, $2, $3)

-- name: count_codes
update stage set codes = codes + 1 where id = $1 and state <> 'ended' returning codes

-- name: clear_codes
delete from stage_code where stage_id = $1

-- name: insert_code
insert into stage_code (stage_id, team, code_hmac) values ($1, $2, $3)

-- name: seat
select c.stage_id, c.team, s.codes, s.title,
  case when c.team > 0 then s.plan -> 'teams' ->> (c.team - 1) end as name
from stage_code c join stage s on s.id = c.stage_id
where c.code_hmac = $1

-- name: edition
select codes from stage where id = $1

-- name: set_state
update stage set state = $2 where id = $1 and state <> $2 returning id

-- name: record
insert into stage_event (stage_id, seq, at_us, actor, kind, body, told)
values ($1, $2, $3, $4, $5, $6::text::jsonb, $7::text::jsonb)
on conflict (stage_id, seq) do nothing

-- name: entries
select seq, at_us, actor, kind, body::text as body, told::text as told
from stage_event
where stage_id = $1 and seq > $2
order by seq

-- name: running
select s.id, coalesce((select max(seq) from stage_event e where e.stage_id = s.id), 0) as last
from stage s
where s.state = 'running'
