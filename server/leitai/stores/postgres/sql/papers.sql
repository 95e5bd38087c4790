-- name: blueprints
select id, title, body, version, actor, changed_at from blueprint order by id desc limit 200

-- name: insert_blueprint
insert into blueprint (title, body, actor) values ($1, $2::text::jsonb, $3) returning id

-- name: update_blueprint
update blueprint set title = $3, body = $4::text::jsonb, actor = $5, version = version + 1, changed_at = now()
where id = $1 and version = $2 returning id

-- name: has_blueprint
select exists (select from blueprint where id = $1)

-- name: candidates
with held as (
  select contest_id, row_number() over (order by max(start_us) desc, contest_id desc) as ago
  from session where phase in ('closed', 'under_review', 'finalized') group by contest_id
), used as (
  select v.question_id, min(h.ago) as ago
  from paper_item i
  join paper p on p.id = i.paper_id and p.state = 'opened'
  join question_version v on v.id = i.question_version_id
  join session s on s.paper_id = p.id and s.phase in ('closed', 'under_review', 'finalized')
  join held h on h.contest_id = s.contest_id
  group by v.question_id
)
select v.question_id, v.id as version_id, v.type, v.module, v.difficulty, u.ago,
  v.tags && $1::text[] or v.question_id in (select question_id from stage_shown) or v.question_id in (
    select p.question_id from practice_question p join practice_release r on r.id = p.release_id
    where r.from_day <= (now() at time zone 'Asia/Shanghai')::date) as practised
from usable_version v left join used u on u.question_id = v.question_id
order by v.question_id

-- name: media
select q.version_id, m.sha256, m.media_type, m.width, m.height, coalesce(nullif(q.caption, ''), m.title) as caption
from question_media q join media m on m.id = q.media_id
where q.version_id = any($1::bigint[])
order by q.version_id, q.place

-- name: questions
select id, type, stem, option_ids, option_texts, key, explanation, difficulty, module, point, tags, parts
from question_version where id = any ($1::bigint[])

-- name: texts
select v.id as question_version_id, v.type, v.stem, v.option_ids, v.option_texts, v.key, v.parts, v.explanation, (
  select coalesce(json_agg(json_build_object('sha256', encode(m.sha256, 'hex'), 'type', m.media_type, 'bytes', m.bytes,
    'width', m.width, 'height', m.height, 'alt', q.caption) order by q.place), '[]')
  from question_media q join media m on m.id = q.media_id where q.version_id = v.id)::text as media
from question_version v where v.id = any ($1::bigint[])

-- name: heads
select p.id, p.title, p.state, p.edition, p.items, p.centipoints, p.seconds, p.created_at, (
  select s.title from session s where s.paper_id = p.id order by s.id desc limit 1) as session
from paper p where $1::bigint is null or p.id = $1 order by p.id desc limit 200

-- name: acts
select paper_id, seq, kind, edition, actor, note, at from paper_act where paper_id = any ($1::bigint[])
order by paper_id, seq

-- name: looks
select actor, at, action, (detail->>'edition')::integer as edition from audit
where subject = $1 and action in ('view-paper', 'view-paper-fits', 'view-paper-refused')
order by id desc limit 500

-- name: insert_paper
insert into paper (title, state, blueprint_id, items, centipoints, seconds)
values ($1, $2, $3, $4, $5, $6) returning id

-- name: keep
update paper set sealed = $2, edition = $3, state = $4 where id = $1

-- name: take
select id, state, edition, sealed from paper where id = $1 for update

-- name: insert_act
insert into paper_act (paper_id, seq, kind, edition, actor, note)
select $1, coalesce(max(seq), 0) + 1, $2, $3, $4, $5 from paper_act where paper_id = $1

-- name: set_state
update paper set state = $2 where id = $1

-- name: sealed_of_session
select p.id, p.edition, p.sealed from session s join paper p on p.id = s.paper_id where s.id = $1

-- name: take_sealed_of_session
select p.id, p.state, p.edition, p.sealed from session s join paper p on p.id = s.paper_id where s.id = $1 for update of p

-- name: take_unsealed
select id, edition, seed from paper where sealed is null and state = 'sealed' for update skip locked

-- name: items_in_clear
select i.item_no, i.question_version_id, i.centipoints, i.seconds, i.marking, q.type, q.stem, q.option_ids, q.option_texts,
  q.key, q.parts, q.explanation
from paper_item i join question_version q on q.id = i.question_version_id
where i.paper_id = $1 order by i.item_no

-- name: seal_in_place
update paper set sealed = $2, seed = '' where id = $1

-- name: remove_items
delete from paper_item where paper_id = $1
