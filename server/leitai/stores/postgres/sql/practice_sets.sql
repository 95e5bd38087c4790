-- name: shelves
-- In an order that has nothing to do with the order in which questions came into the bank.
select v.module, v.type,
  array_agg(v.question_id order by hashint8(v.question_id), v.question_id) as question_ids,
  array_agg(v.id order by hashint8(v.question_id), v.question_id) as version_ids
from practice_question p
join practice_release r on r.id = p.release_id
join question_search s on s.question_id = p.question_id
join question_version v on v.id = s.usable_id
where r.from_day <= $1 and r.withdrawn_by is null and s.state <> 'retired' and v.type = any($2::text[]) and v.module = any($3::text[])
group by v.module, v.type

-- name: questions
select id, type, stem, option_ids, option_texts, key, explanation, difficulty, module, point, tags, parts
from question_version where id = any($1::bigint[])

-- name: pictures
select q.version_id, q.caption, encode(m.sha256, 'hex') as media, m.media_type, m.width, m.height
from question_media q join media m on m.id = q.media_id
where q.version_id = any($1::bigint[])
order by q.version_id, q.place

-- name: featured
select f.question_id, encode(m.sha256, 'hex') as media, m.media_type, m.title,
  coalesce(encode(p.sha256, 'hex'), '') as poster, f.captions <> '' as captions
from practice_feature f
left join media m on m.id = f.media_id
left join media p on p.id = f.poster_id
where f.withdrawn_by is null and f.from_day <= $1
order by f.id desc

-- name: one_at_a_time
select pg_advisory_xact_lock(20210401, ($1::bigint % 2147483647)::integer)

-- name: open_sets
select s.*, array(
    select m.question_id from practice_mark m
    where m.learner_id = s.learner_id and m.question_id = any(s.question_ids) and m.bookmarked) as bookmarked
from practice_set s where s.learner_id = $1 and s.closed_us is null order by s.id

-- name: set
select s.*, array(
    select m.question_id from practice_mark m
    where m.learner_id = s.learner_id and m.question_id = any(s.question_ids) and m.bookmarked) as bookmarked
from practice_set s where s.id = $1 and s.learner_id = $2

-- name: expire
update practice_set set closed_us = $2 where id = any($1::bigint[])

-- name: standing
with due as (
  select question_id, due_us, wrong from practice_card
  where learner_id = $1 and topic = any($2::smallint[]) and due_us <= $3
  order by wrong desc, due_us limit $4
), soonest as (
  select question_id, due_us from practice_card
  where learner_id = $1 and topic = any($2::smallint[]) and due_us > $3 and counted_on is distinct from $5
  order by due_us limit $4
)
select
  array(select question_id from due order by wrong desc, due_us, question_id) as due_ids,
  array(select due_us from due order by wrong desc, due_us, question_id) as due_at,
  array(select wrong from due order by wrong desc, due_us, question_id) as due_wrong,
  array(select question_id from soonest order by due_us, question_id) as soonest,
  array(select question_id from practice_card where learner_id = $1 and topic = any($2::smallint[])) as known

-- name: open
insert into practice_set (
  learner_id, kind, module, type, day, opened_us, expires_us, network, question_ids, version_ids,
  given, was_right, counted, answered_us)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9::bigint[], $10::bigint[],
  array_fill(null::text, array[$11::integer]), array_fill(null::boolean, array[$11]),
  array_fill(null::boolean, array[$11]), array_fill(null::bigint, array[$11]))
returning *, (
    select coalesce(array_agg(m.question_id), '{}') from practice_mark m
    where m.learner_id = $1 and m.question_id = any($9::bigint[]) and m.bookmarked) as bookmarked

-- name: next_place
insert into practice_day as kept (learner_id, day, weekly_sets) values ($1, $2, 1)
on conflict (learner_id, day) do update set weekly_sets = kept.weekly_sets + 1
returning weekly_sets

-- name: cards
select * from practice_card where learner_id = $1 and question_id = any($2::bigint[])

-- name: keep
-- A set with the cards of what was answered in it; $2 null: cards alone.
with changed as (
  update practice_set
  set given = $3::text[], was_right = $4::boolean[], counted = $5::boolean[], answered_us = $6::bigint[],
    handed_us = $7, handed_day = $8, day_place = $9::smallint, centipoints = $10, closed_us = $11
  where id = $2
), day as (
  insert into practice_day as kept (learner_id, day, questions)
  select $1::bigint, $12::date, $13::integer where $13::integer > 0
  on conflict (learner_id, day) do update set questions = kept.questions + excluded.questions
)
insert into practice_card (
  learner_id, question_id, topic, due_us, reviewed_us, stability, difficulty, state, step, seen, right_count, streak,
  wrong, wrong_us, counted_on)
select $1::bigint, c.* from unnest(
  $14::bigint[], $15::smallint[], $16::bigint[], $17::bigint[], $18::real[], $19::real[], $20::smallint[],
  $21::smallint[], $22::integer[], $23::integer[], $24::smallint[], $25::boolean[], $26::bigint[], $27::date[]) as c
on conflict (learner_id, question_id) do update
set (topic, due_us, reviewed_us, stability, difficulty, state, step, seen, right_count, streak, wrong, wrong_us, counted_on)
  = (excluded.topic, excluded.due_us, excluded.reviewed_us, excluded.stability, excluded.difficulty, excluded.state,
    excluded.step, excluded.seen, excluded.right_count, excluded.streak, excluded.wrong, excluded.wrong_us,
    excluded.counted_on)

-- name: today
select
  coalesce((select questions from practice_day where learner_id = $1 and day = $2), 0) as questions,
  coalesce((select weekly_sets from practice_day where learner_id = $1 and day = $2), 0) as weekly_sets,
  (select count(*) from practice_card where learner_id = $1 and wrong) as mistakes

-- name: topics_known
select topic, count(*) as known, count(*) filter (where due_us <= $2) as due
from practice_card where learner_id = $1 group by topic

-- name: progress
select c.topic / 10 as module_no, count(*) as seen, count(*) filter (where c.streak > 0) as right_now
from practice_card c where c.learner_id = $1 group by 1

-- name: held
select array(
  select u.question_id
  from practice_set s, unnest(s.question_ids, s.given) as u (question_id, given)
  where s.learner_id = $1 and s.closed_us is null and s.expires_us > $2 and u.given is null) as held

-- name: mistakes
select c.*, s.usable_id, m.bookmarked, m.note, count(*) over () as total
from practice_card c
join question_search s on s.question_id = c.question_id
left join practice_mark m on m.learner_id = c.learner_id and m.question_id = c.question_id
where c.learner_id = $1 and c.wrong and c.topic = any($2::smallint[]) and s.usable_id is not null and s.state <> 'retired'
order by c.wrong_us desc, c.question_id
limit $4 offset $3

-- name: marked
select m.question_id, s.usable_id, m.bookmarked, m.note, c.learner_id as card_of, c.topic, c.due_us, c.reviewed_us,
  c.stability, c.difficulty, c.state, c.step, c.seen, c.right_count, c.streak, c.wrong, c.wrong_us, c.counted_on,
  count(*) over () as total
from practice_mark m
join question_search s on s.question_id = m.question_id
left join practice_card c on c.learner_id = m.learner_id and c.question_id = m.question_id
where m.learner_id = $1 and s.usable_id is not null and s.state <> 'retired'
order by m.changed_us desc, m.question_id
limit $3 offset $2

-- name: was_asked
select exists (select from practice_card where learner_id = $1 and question_id = $2)
  or exists (select from practice_set where learner_id = $1 and closed_us is null and $2 = any(question_ids))

-- name: see_mark
select bookmarked, note from practice_mark where learner_id = $1 and question_id = $2

-- name: drop_mark
delete from practice_mark where learner_id = $1 and question_id = $2

-- name: set_mark
insert into practice_mark (learner_id, question_id, bookmarked, note, changed_us) values ($1, $2, $3, $4, $5)
on conflict (learner_id, question_id) do update
set (bookmarked, note, changed_us) = (excluded.bookmarked, excluded.note, excluded.changed_us)

-- name: mistake
select streak from practice_card where learner_id = $1 and question_id = $2 and wrong

-- name: forget_mistake
update practice_card set wrong = false where learner_id = $1 and question_id = $2
