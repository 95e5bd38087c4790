-- Prints in bulk: made by one process of the office, told and given out by every one, also after a restart.

-- One of a kind is under way at a time. A process that says nothing for a while is gone, and its job has failed.
create table print_job (
  id         text primary key check (id ~ '^[0-9a-f]{16}$'),
  kind       text not null check (kind in ('tickets', 'awards')),
  session_id bigint not null references session (id),
  label      text not null default '',
  total      integer not null check (total > 0),
  done       integer not null default 0 check (done between 0 and total),
  lacking    text not null default '',
  state      text not null default 'printing' check (state in ('printing', 'ready', 'failed')),
  heard_at   timestamptz not null default now(),
  ended_at   timestamptz,
  check ((ended_at is null) = (state = 'printing'))
);
create unique index print_job_under_way on print_job (kind) where state = 'printing';

-- Encrypted under the server's key: admission tickets hold access codes.
create table print_file (
  job_id text not null references print_job (id) on delete cascade,
  no     integer not null check (no >= 0),
  name   text not null,
  bytes  bigint not null check (bytes >= 0),
  sealed bytea not null,
  primary key (job_id, no)
);
alter table print_file alter column sealed set storage external;
