-- name: kept
select earned from practice_match_player where match_id = $1 order by seat

-- name: keep_match
insert into practice_match (
  id, day, began_us, ended_us, recording_id, question_ids, version_ids, seconds, won, won_by)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)

-- name: keep_player
insert into practice_match_player (
  match_id, seat, learner_id, opponent_id, day, recorded_us, alone, points, right_count, elapsed_us, given, was_right,
  took_us, earned)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)

-- name: today
-- What a learner's matches of a day were so far, and whether they met somebody.
select count(*) filter (where earned > 0) as counted,
  coalesce(bool_or(opponent_id = $3 and not alone), false) as met
from practice_match_player where learner_id = $1 and day = $2 and recorded_us = 0

-- name: counted
-- Which of some questions a learner has seen explained on a day: they do not count again.
select array(
  select question_id from practice_card where learner_id = $1 and counted_on = $2 and question_id = any($3::bigint[])
  union
  select u.question_id from practice_set s, unnest(s.question_ids, s.given) as u (question_id, given)
  where s.learner_id = $1 and s.day = $2 and u.given is not null and u.question_id = any($3)
  union
  select u.question_id from practice_match_player p join practice_match m on m.id = p.match_id,
    unnest(m.question_ids) as u (question_id)
  where p.learner_id = $1 and p.day = $2 and p.recorded_us = 0 and u.question_id = any($3)) as question_ids

-- name: subjects
select id, module, type from question_version where id = any($1::bigint[])

-- name: review
-- What both answered in a match that somebody played, and which of its questions wait in an open set of theirs.
select m.question_ids, m.version_ids, p.given, p.was_right, o.given as their_given, o.was_right as their_right, array(
    select u.question_id from practice_set s, unnest(s.question_ids, s.given) as u (question_id, given)
    where s.learner_id = $1 and s.closed_us is null and s.expires_us > $3 and u.given is null) as held
from practice_match m
join practice_match_player p on p.match_id = m.id
join practice_match_player o on o.match_id = p.match_id and o.seat <> p.seat
where m.id = $2 and p.learner_id = $1 and p.recorded_us = 0

-- name: held
-- What may not be asked: what waits in an open set of any of them, and what has media, which a match does not show.
select array(
  select u.question_id from practice_set s, unnest(s.question_ids, s.given) as u (question_id, given)
  where s.learner_id = any($1::bigint[]) and s.closed_us is null and s.expires_us > $2 and u.given is null
  union
  select s.question_id from question_media m join question_search s on s.usable_id = m.version_id) as held

-- name: points
select coalesce((
  select centipoints from practice_sum where period = 4 and starts_on = date '2000-01-01' and learner_id = $1), 0)

-- name: names
select id, coalesce(nullif(nickname, ''), name) as name from learner where id = any($1::bigint[])

-- name: recordings
-- Plays of others that this learner has not met, over whatever match, the newest first.
select m.id, m.ended_us, m.question_ids, m.version_ids, m.seconds, p.learner_id, p.given, p.was_right, p.took_us,
  coalesce(nullif(l.nickname, ''), l.name) as name, coalesce(s.centipoints, 0) as centipoints
from practice_match m
join practice_match_player p on p.match_id = m.id
join learner l on l.id = p.learner_id
left join practice_sum s on s.period = 4 and s.starts_on = date '2000-01-01' and s.learner_id = p.learner_id
where p.recorded_us = 0 and p.learner_id <> $1 and not l.disabled and m.won_by <> 'left'
  and not exists (
    select from practice_match_player o join practice_match n on n.id = o.match_id
    where o.learner_id = $1 and o.recorded_us = 0 and n.question_ids = m.question_ids)
order by m.ended_us desc, p.seat
limit $2

-- name: history
select p.match_id, m.ended_us, m.won, m.won_by, p.seat, p.points, p.right_count, p.earned, p.alone,
  o.points as opponent_points, coalesce(nullif(l.nickname, ''), l.name) as opponent
from practice_match_player p
join practice_match m on m.id = p.match_id
join practice_match_player o on o.match_id = p.match_id and o.seat <> p.seat
join learner l on l.id = o.learner_id
where p.learner_id = $1 and p.recorded_us = 0
order by m.ended_us desc, p.match_id
limit $2

-- name: sums
select count(*) filter (where m.won = p.seat) as won, count(*) filter (where m.won = 0) as drawn,
  count(*) filter (where m.won = 3 - p.seat) as lost,
  count(*) filter (where p.day = $2 and p.earned > 0) as counted
from practice_match_player p join practice_match m on m.id = p.match_id
where p.learner_id = $1 and p.recorded_us = 0 and not p.alone
