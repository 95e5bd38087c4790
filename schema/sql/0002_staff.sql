-- The accounts of the staff. Passwords are argon2id hashes; invitations are HMACs of codes that work once.
create table staff (
  id             bigint generated always as identity primary key,
  login          text not null unique check (login = lower(login) and login ~ '^[a-z0-9][a-z0-9._-]{1,31}$'),
  name           text not null check (name <> ''),
  roles          text[] not null,
  delegation     text references delegation (code),
  password       text,
  invited_hmac   bytea,
  invited_until  timestamptz,
  disabled       boolean not null default false,
  version        integer not null default 1,
  created_at     timestamptz not null default now(),
  created_by     text not null,
  check ((invited_hmac is null) = (invited_until is null)),
  -- A team leader belongs to a delegation. A judge may come from one, and then rules on nothing of it.
  check (not 'team_leader' = any (roles) or delegation is not null)
);
