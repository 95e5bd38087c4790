-- name: one
select secret, last_step, coalesce((extract(epoch from on_since) * 1000000)::bigint, 0) as on_us,
       (select count(*) from staff_recovery r where r.staff_id = f.staff_id and r.used_at is null) as recovery_left
  from staff_factor f
 where staff_id = $1;

-- name: begin
insert into staff_factor (staff_id, secret)
values ($1, $2)
on conflict (staff_id) do update
   set secret = excluded.secret, begun_at = now(), last_step = 0
 where staff_factor.on_since is null
returning staff_id;

-- name: turn_on
update staff_factor
   set on_since = now(), last_step = $2
 where staff_id = $1 and on_since is null
returning staff_id;

-- name: add_recovery
insert into staff_recovery (staff_id, digest) values ($1, $2);

-- name: take_step
update staff_factor
   set last_step = $2
 where staff_id = $1 and on_since is not null and last_step < $2
returning staff_id;

-- name: take_recovery
update staff_recovery
   set used_at = now()
 where staff_id = $1 and digest = $2 and used_at is null
returning staff_id;

-- name: remove
delete from staff_factor where staff_id = $1 and on_since is not null returning staff_id;
