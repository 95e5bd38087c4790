-- name: one_at_a_time
-- Of one learner: two browsers that subscribe at once would each leave the other's out of what is counted.
select from learner where id = $1 for no key update

-- name: subscribe
-- A browser that subscribes again is the newest again, also where another learner had it: numbers tell in what order.
insert into learner_push as kept (learner_id, digest, sealed, locale) values ($1, $2, $3, $4)
on conflict (digest) do update
set learner_id = excluded.learner_id, sealed = excluded.sealed, locale = excluded.locale, failures = 0, id = default

-- name: drop_oldest
delete from learner_push
where learner_id = $1 and id not in (select id from learner_push where learner_id = $1 order by id desc limit $2)

-- name: unsubscribe
delete from learner_push where learner_id = $1 and digest = $2

-- name: subscribed
select count(*) from learner_push where learner_id = $1

-- name: claim
update learner_push set reminded_on = $1
where id in (
  select p.id
  from learner_push p
  join learner l on l.id = p.learner_id
  where (p.reminded_on is null or p.reminded_on < $1) and not l.disabled
    and not exists (
      select from practice_day d
      where d.learner_id = p.learner_id and d.day = $1 and (d.questions > 0 or d.weekly_sets > 0))
  order by p.id
  limit $2
  for update of p skip locked)
returning id, digest, sealed, locale

-- name: gone
delete from learner_push where id = $1

-- name: went_well
update learner_push set failures = 0 where id = $1 and failures > 0

-- name: failed
update learner_push set failures = failures + 1 where id = $1 returning failures
