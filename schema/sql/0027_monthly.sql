-- 月月比: one timed sitting a month on the live path, windowed over days, in which each sitting has a clock of its own.

-- Which processes serve the sessions of a contest: those of the contest itself, or those of 月月比, which share nothing.
alter table contest add column lane text not null default 'contest' check (lane in ('contest', 'monthly'));
-- Each sitting has so long from its own beginning; 0: the window is everybody's.
alter table session add column own_us bigint not null default 0 check (own_us >= 0 and (own_us = 0 or pacing = 'paper'));

create table monthly (
  session_id   bigint primary key references session (id),
  -- The first day of the month in Beijing.
  month        date not null check (extract(day from month) = 1),
  opens_us     bigint not null,
  closes_us    bigint not null check (closes_us > opens_us),
  scheduled_by text not null check (scheduled_by <> ''),
  scheduled_at timestamptz not null default now(),
  withdrawn_by text,
  -- Results stand since then.
  settled_us   bigint,
  check (withdrawn_by is null or settled_us is null)
);
-- One a month.
create unique index monthly_month on monthly (month) where withdrawn_by is null;

-- Learners are enrolled when they enter. Numbers go into the ledger as 32 bits.
create table monthly_sitting (
  id          bigint generated always as identity primary key check (id < 4294967296),
  session_id  bigint not null references monthly (session_id),
  learner_id  bigint not null references learner (id),
  enrolled_us bigint not null,
  -- The result, written once, from the recorded answers (rules.monthly); null before, and for whoever never began.
  begun_us    bigint,
  centipoints integer check (centipoints >= 0),
  elapsed_us  bigint check (elapsed_us >= 0),
  answered    integer check (answered >= 0),
  rank        integer check (rank >= 1),
  unique (session_id, learner_id),
  check ((begun_us is null) = (rank is null) and (rank is null) = (centipoints is null)
    and (rank is null) = (elapsed_us is null) and (rank is null) = (answered is null))
);
create index monthly_sitting_by_learner on monthly_sitting (learner_id, session_id);

create function keep_monthly_result() returns trigger language plpgsql as $$
begin
  if old.rank is not null and new is distinct from old then
    raise exception 'the result of sitting % is kept as it was', old.id using errcode = 'LT001';
  end if;
  return new;
end
$$;
create trigger monthly_result_kept before update on monthly_sitting for each row execute function keep_monthly_result();
create trigger monthly_sitting_not_deleted before delete on monthly_sitting
  for each row execute function refuse_rewrite();
