-- Commands that need a second person: what one of the staff asked for, and what another made of it.
create table command_request (
  id          bigint generated always as identity primary key,
  session_id  bigint not null references session (id),
  command     text not null check (command <> ''),
  item_no     integer not null default 0,
  seconds     integer not null default 0,
  -- The edition of the session that was seen when it was asked for.
  expects     text not null,
  actor       text not null references staff (login),
  at_us       bigint not null check (at_us >= 0),
  lapses_us   bigint not null check (lapses_us > at_us),
  recorded_at timestamptz not null default now()
);
create index command_request_by_session on command_request (session_id, id);

create table command_decision (
  request_id  bigint primary key references command_request (id),
  kind        text not null check (kind in ('confirm', 'decline')),
  actor       text not null references staff (login),
  at_us       bigint not null check (at_us >= 0),
  -- Filled in from the request, so that what follows can be checked in this row.
  against     text,
  lapses_us   bigint,
  recorded_at timestamptz not null default now(),
  constraint command_decision_not_by_the_same check (kind <> 'confirm' or actor <> against),
  constraint command_decision_in_time check (kind <> 'confirm' or at_us < lapses_us)
);

create function place_command_decision() returns trigger language plpgsql as $$
begin
  select actor, lapses_us into strict new.against, new.lapses_us from command_request where id = new.request_id;
  return new;
end
$$;
create trigger command_decision_placed before insert on command_decision
  for each row execute function place_command_decision();

create trigger command_request_append_only before update or delete on command_request
  for each row execute function refuse_rewrite();
create trigger command_request_no_truncate before truncate on command_request
  for each statement execute function refuse_rewrite();
create trigger command_decision_append_only before update or delete on command_decision
  for each row execute function refuse_rewrite();
create trigger command_decision_no_truncate before truncate on command_decision
  for each statement execute function refuse_rewrite();
