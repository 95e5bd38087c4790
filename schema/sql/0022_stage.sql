-- Stage rounds 现场赛 (issue 6, point 8): their plans, the questions of their running orders, the codes of their desks, and their
-- logs, which are only ever added to.

create table stage (
  id         bigint generated always as identity primary key,
  title      text not null check (title <> ''),
  state      text not null default 'draft' check (state in ('draft', 'running', 'ended')),
  -- rules.stage_events.StagePlan
  plan       jsonb not null,
  -- How often codes were made; 0: never.
  codes      integer not null default 0 check (codes >= 0),
  created_at timestamptz not null default now(),
  created_by text not null
);

create table stage_question (
  stage_id   bigint not null references stage (id),
  number     integer not null check (number >= 1),
  version_id bigint not null references question_version (id),
  primary key (stage_id, number),
  unique (stage_id, version_id)
);

create trigger stage_question_append_only before update or delete on stage_question
  for each row execute function refuse_rewrite();
create trigger stage_question_no_truncate before truncate on stage_question
  for each statement execute function refuse_rewrite();

-- The codes in force: of each team's desk, and of the screens (team 0). Only their HMACs.
create table stage_code (
  stage_id  bigint not null references stage (id),
  team      integer not null check (team between 0 and 12),
  code_hmac bytea not null unique check (length(code_hmac) = 32),
  primary key (stage_id, team)
);

create table stage_event (
  stage_id    bigint not null references stage (id),
  seq         integer not null check (seq >= 1),
  at_us       bigint not null check (at_us >= 0),
  actor       text not null,
  kind        text not null check (kind <> ''),
  body        jsonb not null,
  -- What the audience was told of a question with it: its text, its key.
  told        jsonb,
  recorded_at timestamptz not null default now(),
  primary key (stage_id, seq),
  -- Whoever pressed is known by the desk; everything else was done by somebody.
  check ((kind = 'pressed') = (actor = ''))
);

create trigger stage_event_append_only before update or delete on stage_event
  for each row execute function refuse_rewrite();
create trigger stage_event_no_truncate before truncate on stage_event
  for each statement execute function refuse_rewrite();

-- A stage goes one way.
create function keep_stage() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' or (old.title, old.plan, old.created_at, old.created_by)
    is distinct from (new.title, new.plan, new.created_at, new.created_by)
    or (old.state, new.state) not in
      (('draft', 'draft'), ('draft', 'running'), ('running', 'running'), ('running', 'ended'), ('ended', 'ended')) then
    raise exception 'stage % is not changed so', old.id using errcode = 'LT004';
  end if;
  return new;
end
$$;
create trigger stage_kept before update or delete on stage for each row execute function keep_stage();
