-- The calendar of a contest's year (plan 五): the days of its stages, as whoever runs it sets them. What state a stage is
-- in follows from these and from what has happened; no state is kept.

create table calendar (
  contest_id bigint primary key references contest (id),
  version    integer not null check (version >= 1),
  changed_at timestamptz not null default now(),
  changed_by text not null
);

create table calendar_stage (
  contest_id bigint not null references calendar (contest_id),
  stage      text not null check (stage in (
    'bank_revision', 'bank_publication', 'practice', 'supplement', 'eligibility', 'nomination', 'draw', 'contest',
    'appeals', 'publicity', 'awards')),
  first      date not null,
  last       date not null,
  note       text not null default '',
  primary key (contest_id, stage),
  check (first <= last)
);
