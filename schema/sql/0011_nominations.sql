-- From nomination to roster (plan 四(二)2): what provinces send in, what is known of each person, the freeze, and who is
-- struck off.
--
-- Identity and telephone numbers are sealed under the server's key (nonce + AES-256-GCM) and hashed with another key
-- derived from it (HMAC-SHA256): a copy of the database tells neither, and yet one person sent in twice is found.

-- A province's list in a contest; `upload` is the one in force, `edition` counts every change to it.
create table nominee_list (
  contest_id    bigint not null references contest (id),
  delegation    text not null references delegation (code),
  state         text not null check (state in ('uploaded', 'submitted', 'returned')),
  upload        integer not null check (upload >= 0),
  edition       bigint not null check (edition >= 1),
  return_reason text not null default '',
  changed_us    bigint not null check (changed_us >= 0),
  changed_by    text not null,
  primary key (contest_id, delegation)
);

create table nominee_upload (
  contest_id  bigint not null,
  delegation  text not null,
  upload      integer not null check (upload >= 1),
  file_name   text not null,
  file_sha256 bytea not null check (length(file_sha256) = 32),
  at_us       bigint not null check (at_us >= 0),
  actor       text not null,
  primary key (contest_id, delegation, upload),
  foreign key (contest_id, delegation) references nominee_list (contest_id, delegation)
);

create table nominee (
  id                 bigint generated always as identity primary key,
  contest_id         bigint not null,
  delegation         text not null,
  upload             integer not null,
  -- Of the upload in force. Uploads before it wait for an undo, and count for nothing.
  in_force           boolean not null,
  list               text not null check (list in ('named', 'nominated')),
  no                 integer not null check (no >= 1),
  name               text not null check (name <> ''),
  unit               text not null,
  id_sealed          bytea not null,
  id_hash            bytea not null check (length(id_hash) = 32),
  phone_sealed       bytea not null,
  phone_hash         bytea not null check (length(phone_hash) = 32),
  daily_star_titles  integer not null check (daily_star_titles >= 0),
  weekly_centipoints integer not null check (weekly_centipoints >= 0),
  prior_events       text[] not null default '{}',
  prior_titles       text[] not null default '{}',
  unique (contest_id, delegation, upload, list, no),
  foreign key (contest_id, delegation, upload) references nominee_upload (contest_id, delegation, upload)
);
-- One person stands on one list, of one province, whoever uploads at the same moment.
create unique index nominee_once on nominee (contest_id, id_hash) where in_force;
create unique index nominee_phone_once on nominee (contest_id, phone_hash) where in_force;

-- What the practice office knows of people: titles 日日学之星 and 周周练 points up to a day. A later import of the same
-- person replaces an earlier one until the lists are frozen.
create table practice_record (
  contest_id         bigint not null references contest (id),
  id_hash            bytea not null check (length(id_hash) = 32),
  name               text not null,
  daily_star_titles  integer not null check (daily_star_titles >= 0),
  weekly_centipoints integer not null check (weekly_centipoints >= 0),
  as_of              date not null,
  primary key (contest_id, id_hash)
);

create table practice_import (
  contest_id  bigint not null references contest (id),
  import_no   integer not null check (import_no >= 1),
  file_name   text not null,
  file_sha256 bytea not null check (length(file_sha256) = 32),
  records     integer not null check (records >= 0),
  at_us       bigint not null check (at_us >= 0),
  actor       text not null,
  primary key (contest_id, import_no)
);

-- The lists of a contest are frozen from here on: they stand in `nomination`, and nothing changes any more.
create table nomination_freeze (
  contest_id bigint primary key references contest (id),
  at_us      bigint not null check (at_us >= 0),
  request_id bigint not null
);

-- Who is in the draw: those whom every rule of eligibility let through when the lists were frozen.
alter table nomination add column eligible boolean not null default true;
alter table nomination add column id_hash bytea check (length(id_hash) = 32);

-- The roster: its making, its publication, and by what number its people are known in later years.
create table roster_publication (
  contest_id   bigint primary key references contest (id),
  made_us      bigint not null check (made_us >= 0),
  published_us bigint check (published_us >= made_us)
);

create table contestant_identity (
  contestant_id bigint primary key references contestant (id),
  id_hash       bytea not null check (length(id_hash) = 32)
);
create index contestant_identity_by_hash on contestant_identity (id_hash);

-- What one of the operators asks for and another confirms: the freeze of the lists, and striking somebody off.
create table people_request (
  id            bigint generated always as identity primary key,
  contest_id    bigint not null references contest (id),
  act           text not null check (act in ('freeze-lists', 'strike-off')),
  contestant_id bigint references contestant (id),
  reason        text not null default '',
  -- The sum of the lists' editions that was seen when it was asked for: a freeze is of what was looked at.
  expects       bigint not null,
  actor         text not null references staff (login),
  at_us         bigint not null check (at_us >= 0),
  lapses_us     bigint not null check (lapses_us > at_us),
  check (act <> 'strike-off' or (contestant_id is not null and reason <> ''))
);
create index people_request_by_contest on people_request (contest_id, id);

create table people_decision (
  request_id bigint primary key references people_request (id),
  -- `alone`: where the deployment lets one person act.
  kind       text not null check (kind in ('confirm', 'decline', 'alone')),
  actor      text not null references staff (login),
  at_us      bigint not null check (at_us >= 0),
  -- Filled in from the request, so that what follows can be checked in this row.
  against    text,
  lapses_us  bigint,
  constraint people_decision_not_by_the_same check (kind <> 'confirm' or actor <> against),
  constraint people_decision_in_time check (kind = 'decline' or at_us < lapses_us)
);

create function place_people_decision() returns trigger language plpgsql as $$
begin
  select actor, lapses_us into strict new.against, new.lapses_us from people_request where id = new.request_id;
  return new;
end
$$;
create trigger people_decision_placed before insert on people_decision
  for each row execute function place_people_decision();

create table strike_off (
  contestant_id bigint primary key references contestant (id),
  reason        text not null check (reason <> ''),
  request_id    bigint not null unique references people_request (id)
);

-- Frozen lists, and what was decided by two, stay as they are.
create function refuse_frozen() returns trigger language plpgsql as $$
begin
  if exists (select from nomination_freeze where contest_id = coalesce(new.contest_id, old.contest_id)) then
    raise exception 'the lists of this contest are frozen' using errcode = 'LT002';
  end if;
  return coalesce(new, old);
end
$$;
create trigger nominee_list_frozen before insert or update or delete on nominee_list
  for each row execute function refuse_frozen();
create trigger nominee_upload_frozen before insert or update or delete on nominee_upload
  for each row execute function refuse_frozen();
create trigger nominee_frozen before insert or update or delete on nominee
  for each row execute function refuse_frozen();
create trigger practice_record_frozen before insert or update or delete on practice_record
  for each row execute function refuse_frozen();
create trigger nomination_frozen before insert or update or delete on nomination
  for each row execute function refuse_frozen();

create trigger nomination_freeze_append_only before update or delete on nomination_freeze
  for each row execute function refuse_rewrite();
create trigger people_request_append_only before update or delete on people_request
  for each row execute function refuse_rewrite();
create trigger people_decision_append_only before update or delete on people_decision
  for each row execute function refuse_rewrite();
create trigger strike_off_append_only before update or delete on strike_off
  for each row execute function refuse_rewrite();
