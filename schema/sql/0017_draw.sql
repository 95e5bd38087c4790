-- The draw (plan 四(二)2) as a protocol: announced, committed, entered and confirmed, disclosed, drawn, or abandoned. Nothing of
-- it is ever changed or removed, and another draw is another number with a reason.

-- Only the example contest drew before there was a protocol; it draws again, by the same seed to the same people.
drop table draw;

create table draw_round (
  contest_id    bigint not null references contest (id),
  number        integer not null check (number >= 1),
  reason        text not null,
  parties       text[] not null check (cardinality(parties) between 2 and 8),
  value_name    text not null check (value_name <> ''),
  value_kind    text not null check (value_kind in ('numbers', 'text')),
  known_from_us bigint not null check (known_from_us > 0),
  places        integer not null check (places >= 1),
  algorithm     text not null check (algorithm in ('sha256', 'md5')),
  -- [{"delegation", "name", "nominated"}]. Text, not jsonb: its digests are published.
  lists         text not null,
  recorded_at   timestamptz not null default now(),
  primary key (contest_id, number),
  constraint draw_round_reasoned check ((number = 1) = (reason = ''))
);

-- What each act leads from and to; `at_last` once every party has done it. The same as rules.draw_protocol.MOVES.
create table draw_move (
  from_state text,
  act        text not null,
  to_state   text not null,
  at_last    text not null,
  unique nulls not distinct (from_state, act)
);
insert into draw_move (from_state, act, to_state, at_last) values
  (null, 'announce', 'announced', 'announced'),
  ('announced', 'commit', 'announced', 'committed'),
  ('committed', 'enter_value', 'value_entered', 'value_entered'),
  ('value_entered', 'reject_value', 'committed', 'committed'),
  ('value_entered', 'confirm_value', 'value_confirmed', 'value_confirmed'),
  ('value_confirmed', 'disclose', 'value_confirmed', 'disclosed'),
  ('disclosed', 'draw', 'drawn', 'drawn'),
  ('announced', 'abandon', 'abandoned', 'abandoned'),
  ('committed', 'abandon', 'abandoned', 'abandoned'),
  ('value_entered', 'abandon', 'abandoned', 'abandoned'),
  ('value_confirmed', 'abandon', 'abandoned', 'abandoned'),
  ('disclosed', 'abandon', 'abandoned', 'abandoned');

create table draw_event (
  contest_id  bigint not null,
  number      integer not null,
  no          integer not null check (no >= 1),
  act         text not null,
  actor       text not null check (actor <> ''),
  at_us       bigint not null check (at_us >= 0),
  party       integer not null default 0 check ((act in ('commit', 'disclose')) = (party > 0)),
  -- A commitment, a seed, a public value, a reason.
  content     text not null default '',
  -- Filled in from the events before, so that what follows can be checked in this row.
  state       text not null default '',
  against     text,
  recorded_at timestamptz not null default now(),
  primary key (contest_id, number, no),
  foreign key (contest_id, number) references draw_round (contest_id, number),
  constraint draw_event_confirmed_by_another check (act <> 'confirm_value' or actor <> against),
  constraint draw_event_reasoned check (act <> 'abandon' or content <> '')
);
create unique index draw_event_once on draw_event (contest_id, number, act, party) where party > 0;
-- A seed that was disclosed once is no secret.
create unique index draw_event_new_commitment on draw_event (contest_id, content) where act = 'commit';
create unique index draw_event_one_person_a_party on draw_event (contest_id, number, actor) where act = 'commit';

-- A draw has the next number, once the one before it is over.
create function place_draw_round() returns trigger language plpgsql as $$
declare
  last integer;
  stands text;
begin
  perform from contest where id = new.contest_id for update;
  select max(number) into last from draw_round where contest_id = new.contest_id;
  select state into stands from draw_event where contest_id = new.contest_id and number = last order by no desc limit 1;
  if new.number <> coalesce(last, 0) + 1 or coalesce(stands, 'drawn') not in ('drawn', 'abandoned') then
    raise exception 'contest % is at draw % (%)', new.contest_id, last, stands using errcode = 'LT003';
  end if;
  return new;
end
$$;
create trigger draw_round_placed before insert on draw_round for each row execute function place_draw_round();

-- Events follow each other without a gap, by legal moves only, in time; a seed is what was committed to.
create function place_draw_event() returns trigger language plpgsql as $$
declare
  round draw_round;
  before draw_event;
  done integer;
begin
  select * into strict round from draw_round
    where contest_id = new.contest_id and number = new.number for update;
  select * into before from draw_event
    where contest_id = new.contest_id and number = new.number order by no desc limit 1;
  if new.no <> coalesce(before.no, 0) + 1 then
    raise exception 'draw % is at event %', new.number, before.no using errcode = 'LT003';
  end if;
  select count(*) + 1 into done from draw_event
    where contest_id = new.contest_id and number = new.number and act = new.act;
  select case when done = cardinality(round.parties) then at_last else to_state end into new.state from draw_move
    where from_state is not distinct from before.state and act = new.act;
  if not found or new.at_us < coalesce(before.at_us, 0) or new.party > cardinality(round.parties)
    or (new.act in ('announce', 'commit') and new.at_us >= round.known_from_us)
    or (new.act = 'enter_value' and new.at_us < round.known_from_us) then
    raise exception 'draw %: % does not follow %', new.number, new.act, before.state using errcode = 'LT004';
  end if;
  if new.act = 'disclose' and not exists (
    select from draw_event where contest_id = new.contest_id and number = new.number and act = 'commit'
      and party = new.party and content = encode(sha256(decode(new.content, 'hex')), 'hex')) then
    raise exception 'draw %: not the seed that was committed to', new.number using errcode = 'LT004';
  end if;
  new.against := before.actor;
  return new;
end
$$;
create trigger draw_event_placed before insert on draw_event for each row execute function place_draw_event();

-- The published record of a draw that is over, byte for byte.
create table draw_record (
  contest_id  bigint not null,
  number      integer not null,
  record      text not null,
  digest      text not null check (digest ~ '^[0-9a-f]{64}$'),
  recorded_at timestamptz not null default now(),
  primary key (contest_id, number),
  foreign key (contest_id, number) references draw_round (contest_id, number)
);

-- No draw ends without its record, and none has one before.
create function end_draw() returns trigger language plpgsql as $$
declare
  ended bigint;
  recorded bigint;
begin
  select count(*) into ended from draw_event
    where contest_id = new.contest_id and number = new.number and state in ('drawn', 'abandoned');
  select count(*) into recorded from draw_record where contest_id = new.contest_id and number = new.number;
  if ended <> recorded then
    raise exception 'draw % and its record end together', new.number using errcode = 'LT004';
  end if;
  return null;
end
$$;
create constraint trigger draw_event_ends after insert on draw_event deferrable initially deferred
  for each row execute function end_draw();
create constraint trigger draw_record_ends after insert on draw_record deferrable initially deferred
  for each row execute function end_draw();

create trigger draw_round_append_only before update or delete on draw_round
  for each row execute function refuse_rewrite();
create trigger draw_round_no_truncate before truncate on draw_round
  for each statement execute function refuse_rewrite();
create trigger draw_event_append_only before update or delete on draw_event
  for each row execute function refuse_rewrite();
create trigger draw_event_no_truncate before truncate on draw_event
  for each statement execute function refuse_rewrite();
create trigger draw_record_append_only before update or delete on draw_record
  for each row execute function refuse_rewrite();
create trigger draw_record_no_truncate before truncate on draw_record
  for each statement execute function refuse_rewrite();
create trigger draw_move_append_only before update or delete on draw_move
  for each row execute function refuse_rewrite();

-- What the hall's screens show of a draw: no record, only where the ceremony is.
create table draw_showing (
  contest_id bigint not null,
  number     integer not null,
  edition    integer not null,
  -- Empty: all provinces at once.
  province   text not null,
  manner     text not null check (manner in ('overview', 'one_by_one', 'all')),
  at_us      bigint not null,
  primary key (contest_id, number),
  foreign key (contest_id, number) references draw_round (contest_id, number)
);
