-- name: insert
insert into staff (login, name, roles, delegation, created_by)
values ($1, $2, $3, nullif($4, ''), $5)
returning id;

-- name: all
select id, login, name, roles, coalesce(delegation, '') as delegation, password, invited_hmac,
       coalesce((extract(epoch from invited_until) * 1000000)::bigint, 0) as invited_until_us, disabled, version,
       exists (select from staff_factor f where f.staff_id = staff.id and f.on_since is not null) as second_factor
  from staff
 order by login;

-- name: one
select id, login, name, roles, coalesce(delegation, '') as delegation, password, invited_hmac,
       coalesce((extract(epoch from invited_until) * 1000000)::bigint, 0) as invited_until_us, disabled, version,
       exists (select from staff_factor f where f.staff_id = staff.id and f.on_since is not null) as second_factor
  from staff
 where id = $1;

-- name: some
select id, login, name, roles, coalesce(delegation, '') as delegation, password, invited_hmac,
       coalesce((extract(epoch from invited_until) * 1000000)::bigint, 0) as invited_until_us, disabled, version,
       exists (select from staff_factor f where f.staff_id = staff.id and f.on_since is not null) as second_factor
  from staff
 where id = any ($1::bigint[]);

-- name: by_login
select id, login, name, roles, coalesce(delegation, '') as delegation, password, invited_hmac,
       coalesce((extract(epoch from invited_until) * 1000000)::bigint, 0) as invited_until_us, disabled, version,
       exists (select from staff_factor f where f.staff_id = staff.id and f.on_since is not null) as second_factor
  from staff
 where login = $1;

-- name: invite
update staff
   set invited_hmac = $2, invited_until = to_timestamp($3::bigint / 1000000.0), version = version + 1
 where id = $1;

-- name: take_invitation
update staff
   set password = $3, invited_hmac = null, invited_until = null, version = version + 1
 where id = $1 and invited_hmac = $2 and invited_until > now() and not disabled
returning id;

-- name: set_password
update staff
   set password = $2, version = version + 1
 where id = $1;

-- name: change
update staff
   set name = $3, roles = $4, delegation = nullif($5, ''), disabled = $6, version = version + 1
 where id = $1 and version = $2
returning version;
