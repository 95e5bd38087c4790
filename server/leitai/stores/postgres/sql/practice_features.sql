-- name: may_see
-- $1 learner, $2 question, $3 the file's hash, $4 now.
select exists (
  select from media m
  where m.sha256 = $3 and (
    (
      exists (
        select from question_media q
        join question_version v on v.id = q.version_id
        join question_search s on s.question_id = v.question_id
        where v.question_id = $2 and q.media_id = m.id and v.id <= s.usable_id)
      and (
        exists (select from practice_card where learner_id = $1 and question_id = $2)
        or exists (select from practice_set where learner_id = $1 and closed_us is null and $2 = any(question_ids)))
    ) or (
      exists (
        select from practice_feature f
        where f.question_id = $2 and f.withdrawn_by is null and m.id in (f.media_id, f.poster_id))
      and /*told*/
    )))

-- name: captions
select f.captions from practice_feature f
where f.question_id = $2 and f.withdrawn_by is null and f.captions <> '' and /*told*/

-- name: told
-- The learner answered it, and it waits in none of their open sets.
exists (select from practice_card where learner_id = $1 and question_id = $2)
and not exists (
  select from practice_set s, unnest(s.question_ids, s.given) as u (question_id, given)
  where s.learner_id = $1 and s.closed_us is null and s.expires_us > /*now*/ and u.question_id = $2 and u.given is null)

-- name: features
select f.id, f.question_id, v.module, v.type, v.stem, coalesce(m.title, '') as film, coalesce(p.title, '') as poster,
  f.captions <> '' as captions, f.from_day, f.featured_by, coalesce(f.withdrawn_by, '') as withdrawn_by,
  (extract(epoch from f.featured_at) * 1000000)::bigint as at_us,
  exists (
    select from practice_question q join practice_release r on r.id = q.release_id
    where q.question_id = f.question_id and r.withdrawn_by is null and r.from_day <= $1) as served
from practice_feature f
join question_search s on s.question_id = f.question_id
join question_version v on v.id = s.usable_id
left join media m on m.id = f.media_id
left join media p on p.id = f.poster_id
order by f.id desc limit 500

-- name: choices
select v.question_id, v.module, v.type, v.stem, v.explanation <> '' as explained
from practice_question q
join practice_release r on r.id = q.release_id and r.withdrawn_by is null
join usable_version v on v.question_id = q.question_id
where v.question_id::text = $1 or position(lower($1) in lower(v.stem)) > 0
order by v.question_id::text = $1 desc, v.question_id desc
limit $2

-- part: no_secret
-- What a question shows is as secret as the question: whoever features lectures sees pictures of released ones at most.
not exists (
  select from question_media shown
  join question_version v on v.id = shown.version_id
  where shown.media_id = media.id and not exists (
    select from practice_question q
    join practice_release r on r.id = q.release_id and r.withdrawn_by is null
    where q.question_id = v.question_id))

-- name: films
select encode(sha256, 'hex') as media, title, module, media_type like 'video/%' as film
from media
where sha256 is not null and (purpose = 'lecture' or media_type like 'image/%') and
-- take: no_secret
order by id desc limit 1000

-- name: question
select v.explanation <> '' as explained
from practice_question q
join practice_release r on r.id = q.release_id and r.withdrawn_by is null
join usable_version v on v.question_id = q.question_id
where q.question_id = $1
for update of q

-- name: film
select id from media where sha256 = $1 and media_type like $2 and
-- take: no_secret

-- name: feature
insert into practice_feature (question_id, media_id, poster_id, captions, from_day, featured_by)
values ($1, $2, $3, $4, $5, $6)
on conflict (question_id) where withdrawn_by is null do nothing
returning id

-- name: feature_state
select question_id, withdrawn_by from practice_feature where id = $1 for update

-- name: take_back
update practice_feature set withdrawn_by = $2, withdrawn_at = now() where id = $1
