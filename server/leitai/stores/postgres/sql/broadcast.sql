-- name: tokens
select id, name, digest, created_by, revoked_at is not null as revoked,
       (extract(epoch from created_at) * 1000000)::bigint as created_us,
       coalesce((extract(epoch from last_used) * 1000000)::bigint, 0) as last_used_us
  from air_token
 order by id;

-- name: insert_token
insert into air_token (name, digest, created_by)
values ($1, $2, $3)
returning id;

-- name: revoke_token
update air_token
   set revoked_at = now(), revoked_by = $2
 where id = $1 and revoked_at is null
returning id;

-- name: token_used
update air_token
   set last_used = greatest(last_used, to_timestamp($2::bigint / 1000000.0))
 where id = $1;

-- name: channels
select channel, edition, on_air::text as on_air, preview::text as preview
  from air_channel
 order by channel;

-- name: first_take
insert into air_channel (channel, edition, on_air, preview, changed_by)
values ($1, $2::integer + 1, $3::text::jsonb, $4::text::jsonb, $5)
on conflict (owner, channel) do nothing
returning edition;

-- name: take
update air_channel
   set edition = edition + 1, on_air = $3::text::jsonb, preview = $4::text::jsonb, changed_at = now(), changed_by = $5
 where channel = $1 and edition = $2
returning edition;

-- name: lines
select id, text, (extract(epoch from created_at) * 1000000)::bigint as at_us
  from air_line
 where session_id = $1 and removed_at is null
 order by id;

-- name: insert_line
insert into air_line (session_id, text, created_by)
values ($1, $2, $3)
returning id;

-- name: remove_line
update air_line
   set removed_at = now(), removed_by = $3
 where session_id = $1 and id = $2 and removed_at is null
returning id;
