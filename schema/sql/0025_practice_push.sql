-- Where learners asked to be reminded: an address of their browser's push service and the keys that it reads by, sealed
-- under the server's key. An address is known by its hash, so that a device is there once, whoever signs in on it.
create table learner_push (
  id          bigint generated always as identity primary key,
  learner_id  bigint not null references learner (id),
  digest      bytea not null unique check (length(digest) = 32),
  sealed      bytea not null,
  locale      text not null check (locale in ('zh-CN', 'en')),
  -- The last day on which it was reminded, sent or not: one reminder a day at most.
  reminded_on date,
  -- In a row.
  failures    smallint not null default 0 check (failures >= 0),
  created_at  timestamptz not null default now()
);
create index learner_push_by_learner on learner_push (learner_id, id);
create index learner_push_waiting on learner_push (reminded_on nulls first, id);
