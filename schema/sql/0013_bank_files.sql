-- Files around the question bank: what was uploaded to be imported, pictures and films, which questions are alike, and how
-- questions fared.

-- Uploads that wait for their import -----------------------------------------------------------------------------------

-- A file between its dry run and its import, byte for byte: what is taken in is read from here, never from the browser.
-- It goes after two hours.
create table bank_upload (
  id          text primary key check (id ~ '^[0-9a-f]{32}$'),
  owner       text not null check (owner <> ''),
  file_name   text not null,
  module      text not null,
  sha256      bytea not null check (length(sha256) = 32),
  data        bytea not null check (length(data) <= 33554432),
  state       text not null check (state in ('reading', 'ready', 'refused', 'taking', 'done', 'failed')),
  -- What the page shows of it: JSON of wire.bank_files_bodies.ImportReport.
  report      text not null default '',
  -- How far whoever reads it has come; one that says nothing for a while is gone.
  stage       text not null default '',
  done        integer not null default 0,
  total       integer not null default 0,
  heard_at    timestamptz not null default now(),
  created_at  timestamptz not null default now()
);
alter table bank_upload alter column data set storage external;

-- Pictures and films ---------------------------------------------------------------------------------------------------

-- Known by the hash of the bytes; null while they arrive.
create table media (
  id          bigint generated always as identity primary key,
  sha256      bytea unique check (length(sha256) = 32),
  media_type  text check (media_type in (
    'image/png', 'image/jpeg', 'image/gif', 'image/webp', 'video/mp4', 'video/webm')),
  bytes       bigint not null default 0 check (bytes >= 0),
  width       integer not null default 0 check (width >= 0),
  height      integer not null default 0 check (height >= 0),
  title       text not null default '',
  purpose     text not null default 'question' check (purpose in ('question', 'lecture', 'case')),
  module      text not null default '',
  uploaded_by text not null check (uploaded_by <> ''),
  uploaded_at timestamptz not null default now(),
  check ((sha256 is null) = (media_type is null))
);
create index media_by_purpose on media (purpose, id desc) where sha256 is not null;
create index media_arriving on media (uploaded_at) where sha256 is null;

-- Parts of 262,144 bytes, the last one shorter. Not compressed: what is in them is already.
create table media_part (
  media_id bigint not null references media (id) on delete cascade,
  no       integer not null check (no >= 0),
  data     bytea not null check (length(data) between 1 and 262144),
  primary key (media_id, no)
);
alter table media_part alter column data set storage external;

-- What arrived whole is kept as it is.
create function keep_media() returns trigger language plpgsql as $$
begin
  if old.sha256 is not null then
    raise exception 'a file that is kept does not change' using errcode = 'LT001';
  end if;
  return coalesce(new, old);
end
$$;
create trigger media_kept before update or delete on media for each row execute function keep_media();

create function keep_media_part() returns trigger language plpgsql as $$
begin
  -- While its file is there and whole; a file that is being forgotten takes its parts along.
  if exists (select from media where id = coalesce(new.media_id, old.media_id) and sha256 is not null) then
    raise exception 'a file that is kept does not change' using errcode = 'LT001';
  end if;
  return coalesce(new, old);
end
$$;
create trigger media_part_kept before insert or update or delete on media_part
  for each row execute function keep_media_part();

-- What a version shows beside its words.
create table question_media (
  version_id bigint not null references question_version (id),
  place      integer not null check (place >= 1),
  media_id   bigint not null references media (id),
  caption    text not null default '',
  primary key (version_id, place),
  unique (version_id, media_id)
);
create index question_media_by_media on question_media (media_id);

-- It may change while the version is a draft or was returned, and goes along to the next version.
create function keep_question_media() returns trigger language plpgsql as $$
declare
  stands text;
begin
  select state into stands from question_version where id = coalesce(new.version_id, old.version_id);
  if stands not in ('draft', 'returned') and pg_trigger_depth() = 1 then
    raise exception 'a version that is % keeps what it shows', stands using errcode = 'LT012';
  end if;
  return coalesce(new, old);
end
$$;
create trigger question_media_kept before insert or update or delete on question_media
  for each row execute function keep_question_media();
create trigger question_media_no_truncate before truncate on question_media
  for each statement execute function refuse_rewrite();

create function carry_question_media() returns trigger language plpgsql as $$
begin
  insert into question_media (version_id, place, media_id, caption)
    select new.id, m.place, m.media_id, m.caption
    from question_version v join question_media m on m.version_id = v.id
    where v.question_id = new.question_id and v.version = new.version - 1;
  return null;
end
$$;
create trigger question_media_carried after insert on question_version
  for each row when (new.version > 1) execute function carry_question_media();

-- Which questions are alike --------------------------------------------------------------------------------------------

-- A pair, and what somebody made of it. Pairs are looked for anew whenever somebody asks; what was decided stays decided,
-- until a question that was retired is back.
create table question_likeness (
  one_id     bigint not null references question (id),
  other_id   bigint not null references question (id),
  permille   integer not null check (permille between 1 and 1000),
  found_at   timestamptz not null default now(),
  verdict    text check (verdict in ('both', 'retired')),
  decided_by text,
  decided_at timestamptz,
  primary key (one_id, other_id),
  check (one_id < other_id),
  check ((verdict is null) = (decided_by is null) and (verdict is null) = (decided_at is null))
);
create index question_likeness_open on question_likeness (permille desc, one_id, other_id) where verdict is null;
create index question_likeness_by_other on question_likeness (other_id);

-- The last time that the whole bank was gone through.
create table question_likeness_scan (
  id        bigint generated always as identity primary key,
  questions integer not null check (questions >= 0),
  pairs     integer not null check (pairs >= 0),
  cut       boolean not null,
  took_ms   integer not null check (took_ms >= 0),
  actor     text not null check (actor <> ''),
  at        timestamptz not null default now()
);

-- How questions fared --------------------------------------------------------------------------------------------------

-- An occasion on which questions were asked: a session that became final, or whatever practice names.
create table question_occasion (
  id         bigint generated always as identity primary key,
  kind       text not null check (kind in ('contest', 'practice')),
  key        text not null check (key <> ''),
  counted_at timestamptz not null default now(),
  unique (kind, key)
);

-- See rules.item_analysis.
create table question_use (
  occasion_id  bigint not null references question_occasion (id) on delete cascade,
  version_id   bigint not null references question_version (id),
  takers       integer not null check (takers > 0),
  right_micros bigint not null check (right_micros between 0 and takers * 1000000::bigint),
  group_size   integer not null check (group_size >= 0),
  upper_micros bigint not null check (upper_micros between 0 and group_size * 1000000::bigint),
  lower_micros bigint not null check (lower_micros between 0 and group_size * 1000000::bigint),
  primary key (occasion_id, version_id)
);
create index question_use_by_version on question_use (version_id);
