-- The second factor of the staff (RFC 6238): its secret is sealed under the server's key, recovery codes are HMACs.
create table staff_factor (
  staff_id   bigint primary key references staff (id),
  secret     bytea not null,
  begun_at   timestamptz not null default now(),
  -- Null until a first code confirmed it: nobody is asked for codes before.
  on_since   timestamptz,
  -- Codes of this step of 30 s and of all before it are used up.
  last_step  bigint not null default 0
);

create table staff_recovery (
  staff_id  bigint not null references staff_factor (staff_id) on delete cascade,
  digest    bytea not null,
  used_at   timestamptz,
  primary key (staff_id, digest)
);
