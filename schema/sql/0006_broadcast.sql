-- What goes on air: read-only tokens for graphics, what each channel shows, and the director's ticker.

-- A token is kept as an HMAC and shown once. It opens public data only.
create table air_token (
  id         bigint generated always as identity primary key,
  name       text not null check (name <> ''),
  digest     bytea not null unique,
  created_at timestamptz not null default now(),
  created_by text not null,
  last_used  timestamptz,
  revoked_at timestamptz,
  revoked_by text,
  check ((revoked_at is null) = (revoked_by is null))
);

-- {"name": …, "params": {…}} or null: what is on air, and what waits in preview.
create table air_channel (
  channel    text primary key check (channel ~ '^[a-z0-9-]{1,24}$'),
  edition    integer not null check (edition > 0),
  on_air     jsonb,
  preview    jsonb,
  changed_at timestamptz not null default now(),
  changed_by text not null
);

create table air_line (
  id         bigint generated always as identity primary key,
  session_id bigint not null references session (id),
  text       text not null check (text <> ''),
  created_at timestamptz not null default now(),
  created_by text not null,
  removed_at timestamptz,
  removed_by text,
  check ((removed_at is null) = (removed_by is null))
);
create index air_line_by_session on air_line (session_id, id) where removed_at is null;
