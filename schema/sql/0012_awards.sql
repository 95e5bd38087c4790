-- Awards after 定榜: their publication 公示, objections, the list that becomes definite, certificates, the expert pool.
--
-- Everything here is only ever added to. A list is kept as the text that was published, byte for byte.

-- Words and numbers of a contest's publication and certificates; the newest edition counts.
create table award_setting (
  contest_id  bigint not null references contest (id),
  edition     integer not null check (edition >= 1),
  settings    jsonb not null,
  actor       text not null references staff (login),
  at_us       bigint not null check (at_us >= 0),
  recorded_at timestamptz not null default now(),
  primary key (contest_id, edition)
);

-- Steps that one person asks for and another confirms.
create table award_step (
  id          bigint generated always as identity primary key,
  session_id  bigint not null references session (id),
  kind        text not null check (kind in ('open', 'revise', 'settle')),
  -- The edition that was published when it was asked for, and the SHA-256 of the list that was seen.
  edition     integer not null check (edition >= 0),
  digest      bytea not null check (length(digest) = 32),
  closes_us   bigint not null check (closes_us >= 0),
  actor       text not null references staff (login),
  at_us       bigint not null check (at_us >= 0),
  lapses_us   bigint not null check (lapses_us > at_us),
  recorded_at timestamptz not null default now()
);
create index award_step_by_session on award_step (session_id, id);

create table award_step_end (
  step_id     bigint primary key references award_step (id),
  kind        text not null check (kind in ('confirm', 'decline')),
  actor       text not null references staff (login),
  at_us       bigint not null check (at_us >= 0),
  -- Filled in from the step, so that what follows can be checked in this row.
  against     text,
  lapses_us   bigint,
  recorded_at timestamptz not null default now(),
  constraint award_step_end_not_by_the_same check (kind <> 'confirm' or actor <> against),
  constraint award_step_end_in_time check (kind <> 'confirm' or at_us < lapses_us)
);

create function place_award_step_end() returns trigger language plpgsql as $$
begin
  select actor, lapses_us into strict new.against, new.lapses_us from award_step where id = new.step_id;
  return new;
end
$$;
create trigger award_step_end_placed before insert on award_step_end
  for each row execute function place_award_step_end();

-- What was published, edition by edition. `content` is JSON, kept as text: its digest is of these bytes.
create table award_list (
  session_id  bigint not null references session (id),
  edition     integer not null check (edition >= 1),
  content     text not null,
  digest      bytea not null check (digest = sha256(convert_to(content, 'UTF8'))),
  opens_us    bigint not null check (opens_us >= 0),
  closes_us   bigint not null check (closes_us > 0),
  step_id     bigint not null unique references award_step (id),
  recorded_at timestamptz not null default now(),
  primary key (session_id, edition)
);

create table award_definite (
  session_id  bigint primary key references session (id),
  edition     integer not null,
  step_id     bigint not null unique references award_step (id),
  at_us       bigint not null check (at_us >= 0),
  recorded_at timestamptz not null default now(),
  foreign key (session_id, edition) references award_list (session_id, edition)
);

-- Editions follow each other without a gap, and none follows once the awards are definite.
create function place_award_list() returns trigger language plpgsql as $$
begin
  perform pg_advisory_xact_lock(hashtextextended('leitai awards', new.session_id));
  if exists (select from award_definite where session_id = new.session_id) then
    raise exception 'the awards of session % are definite', new.session_id using errcode = 'LT003';
  end if;
  if new.edition <> (select coalesce(max(edition), 0) + 1 from award_list where session_id = new.session_id) then
    raise exception 'the awards of session % moved on', new.session_id using errcode = 'LT003';
  end if;
  return new;
end
$$;
create trigger award_list_placed before insert on award_list for each row execute function place_award_list();

create function place_award_definite() returns trigger language plpgsql as $$
begin
  perform pg_advisory_xact_lock(hashtextextended('leitai awards', new.session_id));
  if new.edition <> (select max(edition) from award_list where session_id = new.session_id) then
    raise exception 'the awards of session % moved on', new.session_id using errcode = 'LT003';
  end if;
  return new;
end
$$;
create trigger award_definite_placed before insert on award_definite
  for each row execute function place_award_definite();

-- Objections: by a contestant, by a province's team leader, or as one of the operators took it down.
create table award_objection (
  id          bigint generated always as identity primary key,
  session_id  bigint not null references session (id),
  edition     integer not null,
  origin      text not null check (origin in ('contestant', 'leader', 'desk')),
  sitting_id  bigint references sitting (id),
  actor       text references staff (login),
  delegation  text references delegation (code),
  -- Whom it is about, as written by whoever objects.
  about       text not null default '',
  text        text not null check (text <> ''),
  at_us       bigint not null check (at_us >= 0),
  recorded_at timestamptz not null default now(),
  foreign key (session_id, edition) references award_list (session_id, edition),
  check ((origin = 'contestant') = (sitting_id is not null) and (origin = 'contestant') = (actor is null))
);
create index award_objection_by_session on award_objection (session_id, id);

create table award_answer (
  objection_id bigint primary key references award_objection (id),
  upheld       boolean not null,
  reason       text not null check (reason <> ''),
  actor        text not null references staff (login),
  at_us        bigint not null check (at_us >= 0),
  recorded_at  timestamptz not null default now()
);

-- What the chief judge puts right after 定榜; it counts from the next edition on, which two persons publish.
create table award_correction (
  id           bigint generated always as identity primary key,
  session_id   bigint not null references session (id),
  objection_id bigint references award_objection (id),
  -- {"kind": "strike_off" | "rename" | "order_equals" | "withdraw", …}
  effect       jsonb not null check (effect ? 'kind'),
  reason       text not null check (reason <> ''),
  actor        text not null references staff (login),
  at_us        bigint not null check (at_us >= 0),
  recorded_at  timestamptz not null default now()
);
create index award_correction_by_session on award_correction (session_id, id);

create function refuse_after_definite() returns trigger language plpgsql as $$
begin
  if exists (select from award_definite where session_id = new.session_id) then
    raise exception 'the awards of session % are definite', new.session_id using errcode = 'LT003';
  end if;
  return new;
end
$$;
create trigger award_objection_in_time before insert on award_objection
  for each row execute function refuse_after_definite();
create trigger award_correction_in_time before insert on award_correction
  for each row execute function refuse_after_definite();

-- Certificates and plaques of definite awards. The token that opens one on the verification page is kept as its SHA-256.
create table award_certificate (
  session_id  bigint not null references award_definite (session_id),
  serial      integer not null check (serial >= 1),
  form        text not null check (form in ('certificate', 'plaque')),
  kind        text not null,
  sitting_id  bigint references sitting (id),
  delegation  text not null references delegation (code),
  name        text not null check (name <> ''),
  year        integer not null,
  token_hash  bytea not null unique check (length(token_hash) = 32),
  primary key (session_id, serial)
);

-- The winners were given to the expert pool.
create table award_handover (
  session_id  bigint primary key references award_definite (session_id),
  winners     integer not null check (winners >= 0),
  recorded_at timestamptz not null default now()
);

do $$
declare
  kept text;
begin
  foreach kept in array array['award_setting', 'award_step', 'award_step_end', 'award_list', 'award_definite',
    'award_objection', 'award_answer', 'award_correction', 'award_certificate', 'award_handover'] loop
    execute format('create trigger %I before update or delete on %I for each row execute function refuse_rewrite()',
      kept || '_append_only', kept);
    execute format('create trigger %I before truncate on %I for each statement execute function refuse_rewrite()',
      kept || '_no_truncate', kept);
  end loop;
end
$$;
