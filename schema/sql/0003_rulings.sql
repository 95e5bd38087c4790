-- Judges: who they are, what they mark and rule, what contestants ask and appeal, and an audit that shows its own gaps.

-- Questions that judges mark ----------------------------------------------------------------------------------------

alter table question_version drop constraint question_version_type_check;
alter table question_version add constraint question_version_type_check check (type in (
  'single', 'multiple', 'indeterminate', 'true_false', 'fill_in', 'short_answer', 'case'));
-- The sub-items of a case, in order; the shared stem is `stem`.
alter table question_version add column parts text[] not null default '{}';
alter table question_version add constraint question_version_parts_check
  check ((type = 'case') = (cardinality(parts) > 0));

-- The examination room within the delegation: whom a time compensation can be for.
alter table sitting add column room text not null default '';

-- Rulings -----------------------------------------------------------------------------------------------------------

create table ruling (
  id         bigint generated always as identity primary key,
  session_id bigint not null references session (id),
  -- {"kind": …, the members of its effect}
  effect     jsonb not null check (effect ? 'kind'),
  evidence   text not null check (evidence <> ''),
  created_at timestamptz not null default now()
);
create index ruling_by_session on ruling (session_id, id);

-- What each act leads from and to; `again` may be done by whoever did the act before it.
create table ruling_move (
  from_state text,
  kind       text not null,
  to_state   text not null,
  again      boolean not null,
  unique nulls not distinct (from_state, kind)
);
insert into ruling_move (from_state, kind, to_state, again) values
  (null, 'propose', 'proposed', true),
  ('proposed', 'approve', 'in_force', false),
  ('proposed', 'decline', 'declined', true),
  ('in_force', 'propose_withdrawal', 'withdrawal_proposed', true),
  ('withdrawal_proposed', 'approve_withdrawal', 'withdrawn', false),
  ('withdrawal_proposed', 'decline_withdrawal', 'in_force', true);

create table ruling_act (
  ruling_id   bigint not null references ruling (id),
  no          integer not null check (no >= 1),
  kind        text not null,
  actor       text not null references staff (login),
  at_us       bigint not null check (at_us >= 0),
  reason      text not null default '',
  -- Filled in from the act before, so that what follows can be checked in this row.
  state       text not null default '',
  against     text,
  recorded_at timestamptz not null default now(),
  primary key (ruling_id, no),
  constraint ruling_act_not_by_the_same check (kind not in ('approve', 'approve_withdrawal') or actor <> against),
  constraint ruling_act_reasoned check (kind in ('approve', 'approve_withdrawal') or reason <> '')
);

-- Acts follow each other without a gap, by legal moves only, and none follows once the session is final.
create function place_ruling_act() returns trigger language plpgsql as $$
declare
  before ruling_act;
begin
  perform from ruling r join session s on s.id = r.session_id
    where r.id = new.ruling_id and s.phase <> 'finalized' for update of r for share of s;
  if not found then
    raise exception 'no ruling % in a session that is not final', new.ruling_id using errcode = 'LT002';
  end if;
  select * into before from ruling_act where ruling_id = new.ruling_id order by no desc limit 1;
  if new.no <> coalesce(before.no, 0) + 1 then
    raise exception 'ruling % is at act %', new.ruling_id, coalesce(before.no, 0) using errcode = 'LT003';
  end if;
  select to_state into new.state from ruling_move
    where from_state is not distinct from before.state and kind = new.kind;
  if not found or new.at_us < before.at_us then
    raise exception 'ruling %: % does not follow %', new.ruling_id, new.kind, before.state using errcode = 'LT004';
  end if;
  new.against := before.actor;
  return new;
end
$$;
create trigger ruling_act_placed before insert on ruling_act for each row execute function place_ruling_act();

create trigger ruling_append_only before update or delete on ruling
  for each row execute function refuse_rewrite();
create trigger ruling_no_truncate before truncate on ruling
  for each statement execute function refuse_rewrite();
create trigger ruling_act_append_only before update or delete on ruling_act
  for each row execute function refuse_rewrite();
create trigger ruling_act_no_truncate before truncate on ruling_act
  for each statement execute function refuse_rewrite();

-- Marks -------------------------------------------------------------------------------------------------------------

-- What judges give one answer: two of them, a third where they differ. One number of points for each part.
create table mark (
  session_id  bigint not null references session (id),
  sitting_id  bigint not null references sitting (id),
  item_no     integer not null,
  "offset"    bigint not null,
  no          smallint not null check (no between 1 and 3),
  judge       text not null references staff (login),
  centipoints integer[] not null check (cardinality(centipoints) >= 1 and 0 <= all (centipoints)),
  at_us       bigint not null check (at_us >= 0),
  recorded_at timestamptz not null default now(),
  primary key (session_id, sitting_id, item_no, "offset", no),
  constraint mark_once_by_a_judge unique (session_id, sitting_id, item_no, "offset", judge)
);

create trigger mark_append_only before update or delete on mark
  for each row execute function refuse_rewrite();
create trigger mark_no_truncate before truncate on mark
  for each statement execute function refuse_rewrite();

-- Appeals -----------------------------------------------------------------------------------------------------------

create table appeal (
  id          bigint generated always as identity primary key,
  session_id  bigint not null references session (id),
  sitting_id  bigint not null references sitting (id),
  -- Null: about the session as a whole.
  item_no     integer,
  text        text not null check (text <> ''),
  filed_at_us bigint not null check (filed_at_us >= 0),
  recorded_at timestamptz not null default now()
);
create index appeal_by_session on appeal (session_id, id);

create table appeal_decision (
  appeal_id   bigint primary key references appeal (id),
  actor       text not null references staff (login),
  at_us       bigint not null check (at_us >= 0),
  reason      text not null check (reason <> ''),
  -- Null: refused, for the reason.
  ruling_id   bigint references ruling (id),
  recorded_at timestamptz not null default now()
);

create trigger appeal_append_only before update or delete on appeal
  for each row execute function refuse_rewrite();
create trigger appeal_no_truncate before truncate on appeal
  for each statement execute function refuse_rewrite();
create trigger appeal_decision_append_only before update or delete on appeal_decision
  for each row execute function refuse_rewrite();
create trigger appeal_decision_no_truncate before truncate on appeal_decision
  for each statement execute function refuse_rewrite();

-- Words between operators and contestants ---------------------------------------------------------------------------

-- To everyone, to a delegation, or to a room of it.
create table announcement (
  id          bigint generated always as identity primary key,
  session_id  bigint not null references session (id),
  delegation  text references delegation (code),
  room        text not null default '',
  text        text not null check (text <> ''),
  actor       text not null references staff (login),
  at_us       bigint not null check (at_us >= 0),
  recorded_at timestamptz not null default now(),
  check (room = '' or delegation is not null)
);
create index announcement_by_session on announcement (session_id, id);

create table clarification (
  id          bigint generated always as identity primary key,
  session_id  bigint not null references session (id),
  sitting_id  bigint not null references sitting (id),
  item_no     integer,
  question    text not null check (question <> ''),
  at_us       bigint not null check (at_us >= 0),
  recorded_at timestamptz not null default now()
);
create index clarification_by_session on clarification (session_id, id);

create table clarification_answer (
  clarification_id bigint primary key references clarification (id),
  actor            text not null references staff (login),
  at_us            bigint not null check (at_us >= 0),
  text             text not null check (text <> ''),
  -- Told to everyone, not only to whoever asked.
  to_all           boolean not null,
  recorded_at      timestamptz not null default now()
);

create trigger announcement_append_only before update or delete on announcement
  for each row execute function refuse_rewrite();
create trigger announcement_no_truncate before truncate on announcement
  for each statement execute function refuse_rewrite();
create trigger clarification_append_only before update or delete on clarification
  for each row execute function refuse_rewrite();
create trigger clarification_no_truncate before truncate on clarification
  for each statement execute function refuse_rewrite();
create trigger clarification_answer_append_only before update or delete on clarification_answer
  for each row execute function refuse_rewrite();
create trigger clarification_answer_no_truncate before truncate on clarification_answer
  for each statement execute function refuse_rewrite();

-- The audit as a chain ----------------------------------------------------------------------------------------------

-- Each row holds the hash of all before it, so that a row that was taken out or rewritten by somebody who got around the
-- triggers is found. `no` counts without gaps, in the order of the chain; ids are given out before and may have some.
alter table audit add column no bigint unique;
alter table audit add column hash bytea check (length(hash) = 32);

create function audit_hash(before bytea, a audit) returns bytea language sql stable as $$
  select sha256(before || convert_to(jsonb_build_array(
    a.no, extract(epoch from a.at)::text, a.actor, a.action, a.subject, a.detail)::text, 'UTF8'))
$$;

create function chain_audit() returns trigger language plpgsql as $$
declare
  last audit;
begin
  -- One at a time: whoever comes second sees the first one's row, or that it came to nothing.
  perform pg_advisory_xact_lock(hashtextextended('leitai audit', 0));
  select * into last from audit order by no desc nulls last limit 1;
  new.no := coalesce(last.no, 0) + 1;
  new.hash := audit_hash(coalesce(last.hash, ''::bytea), new);
  return new;
end
$$;

-- The first row whose hash does not follow from those before it, or whose number leaves a gap; null: the chain holds.
create function audit_break() returns bigint language sql stable as $$
  select min(place) from (
    select row_number() over chain as place, a.no, a.hash,
      audit_hash(coalesce(lag(a.hash) over chain, ''::bytea), a) as expected
    from audit a window chain as (order by a.no)
  ) checked
  where no <> place or hash is distinct from expected
$$;

do $$
declare
  one audit;
  place bigint := 0;
  before bytea := '';
begin
  alter table audit disable trigger audit_append_only;
  for one in select * from audit order by id loop
    place := place + 1;
    one.no := place;
    before := audit_hash(before, one);
    update audit set no = place, hash = before where id = one.id;
  end loop;
  alter table audit enable trigger audit_append_only;
end
$$;

alter table audit alter column no set not null;
alter table audit alter column hash set not null;
create trigger audit_chained before insert on audit for each row execute function chain_audit();
