-- Papers: how they are made, reviewed and sealed. Which questions are on a paper stands nowhere in clear until a session
-- that plays it is over: not in rows, nor in dead ones, nor in the log that is shipped to a standby.

create table blueprint (
  id         bigint generated always as identity primary key,
  title      text not null check (title <> ''),
  -- As rules.blueprints has it: lines, worth, exclusions. It names kinds of questions, none of them.
  body       jsonb not null,
  version    integer not null default 1 check (version >= 1),
  actor      text not null,
  created_at timestamptz not null default now(),
  changed_at timestamptz not null default now()
);

alter table paper add column state text not null default 'sealed' check (state in (
  'assembled', 'in_review', 'approved', 'sealed', 'opened'));
alter table paper alter column state drop default;
-- Changes are counted from 1.
alter table paper add column edition integer not null default 1 check (edition >= 1);
alter table paper add column blueprint_id bigint references blueprint (id);
-- What does not tell one question from another is in clear, for whoever plans sessions.
alter table paper add column items integer not null default 0 check (items >= 0);
alter table paper add column centipoints bigint not null default 0 check (centipoints >= 0);
alter table paper add column seconds bigint not null default 0 check (seconds >= 0);
-- Seed, questions, replacements with their reasons and, once sealed, every text: nonce + AES-256-GCM under a key of the
-- server, with the paper's id and whether it is a draft as associated data. The seed is in there since, with the bank,
-- it repeats the paper; `seed` above is empty but for papers of before, until the program has sealed them.
alter table paper add column sealed bytea;

update paper p set (items, centipoints, seconds) = (
  select count(*), coalesce(sum(i.centipoints), 0), coalesce(sum(i.seconds), 0) from paper_item i where i.paper_id = p.id);
update paper p set state = 'opened' where exists (
  select from session s where s.paper_id = p.id and s.phase in ('closed', 'under_review', 'finalized'));

-- What has been opened stands in `paper_item` from then on: what was asked in which contest.
comment on table paper_item is 'the items of papers that were opened; those of sealed ones are in paper.sealed';

-- What was done with a paper (rules.papers).
create table paper_act (
  paper_id bigint not null references paper (id),
  seq      integer not null check (seq >= 1),
  kind     text not null check (kind in (
    'assemble', 'change', 'submit', 'approve', 'return', 'seal', 'seal_at_machine', 'open')),
  edition  integer not null check (edition >= 1),
  actor    text not null check (actor <> ''),
  -- Why it was sent back, sealed like the contents: a reason quotes what it is about.
  note     bytea,
  at       timestamptz not null default now(),
  primary key (paper_id, seq)
);

insert into paper_act (paper_id, seq, kind, edition, actor)
  select id, 1, 'assemble', 1, 'schema' from paper union all
  select id, 2, 'seal_at_machine', 1, 'schema' from paper union all
  select id, 3, 'open', 1, 'schema' from paper where state = 'opened';

-- Four eyes, twice, whatever was checked before.
create function check_paper_act() returns trigger language plpgsql as $$
declare
  since integer;
begin
  select coalesce(max(seq), 0) into since from paper_act where paper_id = new.paper_id and kind in ('submit', 'return');
  if new.kind = 'approve' then
    if exists (select from paper_act
        where paper_id = new.paper_id and kind in ('assemble', 'change') and actor = new.actor) then
      raise exception 'paper %: nobody approves what they made', new.paper_id
        using errcode = 'check_violation', constraint = 'paper_act_not_own';
    end if;
    if exists (select from paper_act
        where paper_id = new.paper_id and kind = 'approve' and seq > since and actor = new.actor) then
      raise exception 'paper %: nobody approves twice', new.paper_id
        using errcode = 'check_violation', constraint = 'paper_act_not_twice';
    end if;
  elsif new.kind = 'seal' then
    if (select count(distinct actor) from paper_act
        where paper_id = new.paper_id and kind = 'approve' and seq > since) < 2 then
      raise exception 'paper %: two approve before it is sealed', new.paper_id
        using errcode = 'check_violation', constraint = 'paper_act_two_approve';
    end if;
  end if;
  return new;
end
$$;
create trigger paper_act_checked before insert on paper_act for each row execute function check_paper_act();
create trigger paper_act_append_only before update or delete on paper_act
  for each row execute function refuse_rewrite();
create trigger paper_act_no_truncate before truncate on paper_act
  for each statement execute function refuse_rewrite();

-- A sealed paper is opened and nothing else; what was sealed stays as it is.
create function keep_paper() returns trigger language plpgsql as $$
begin
  if old.state in ('sealed', 'opened') and (new.state not in ('opened', old.state)
      or (old.sealed is not null and new.sealed is distinct from old.sealed)) then
    raise exception 'paper % is sealed', old.id using errcode = 'LT001';
  end if;
  return new;
end
$$;
create trigger paper_kept before update on paper for each row execute function keep_paper();
create trigger paper_not_deleted before delete on paper for each row execute function refuse_rewrite();

-- Sessions are made of sealed papers only.
create function check_session_paper() returns trigger language plpgsql as $$
begin
  if not exists (select from paper where id = new.paper_id and state in ('sealed', 'opened')) then
    raise exception 'paper % is not sealed', new.paper_id
      using errcode = 'check_violation', constraint = 'session_paper_sealed';
  end if;
  return new;
end
$$;
create trigger session_paper_checked before insert or update of paper_id on session
  for each row execute function check_session_paper();
