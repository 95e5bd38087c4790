-- Provinces' own contests (issue 6, point 8): what belongs to the nation and what to one of the 32 provinces.
--
-- Whoever works for a province says so when it connects (`leitai.owner`) and looks for tables in `provincial` first, where
-- each table of this database is a view of what is the province's own: of every table that is not named below, nothing.
-- The nation looks in `national` first, whose views leave out what is the provinces'. Statements are the same for all.

create function leitai_owner() returns text language sql stable parallel safe as $$
  select coalesce(current_setting('leitai.owner', true), '')
$$;
comment on function leitai_owner() is 'the province that a connection works for; empty: the nation';

-- Owners ------------------------------------------------------------------------------------------------------------

create domain owner_code as text check (value ~ '^([0-9]{2}0000)?$');

alter table contest add column owner owner_code not null default leitai_owner();
alter table session add column owner owner_code not null default leitai_owner();
alter table paper add column owner owner_code not null default leitai_owner();
alter table blueprint add column owner owner_code not null default leitai_owner();
alter table question add column owner owner_code not null default leitai_owner();
alter table question_search add column owner owner_code not null default leitai_owner();
alter table question_likeness_scan add column owner owner_code not null default leitai_owner();
alter table delegation add column owner owner_code not null default leitai_owner();
alter table air_token add column owner owner_code not null default leitai_owner();
alter table air_channel add column owner owner_code not null default leitai_owner();
alter table stage add column owner owner_code not null default leitai_owner();
create index session_by_owner on session (owner, id desc);

-- What belongs together has one owner.
create function keep_owner() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' and new.owner <> old.owner then
    raise exception '% does not change its owner', tg_table_name using errcode = 'LT005';
  end if;
  if tg_table_name = 'session' then
    if not exists (select from public.contest c join public.paper p on p.owner = c.owner
        where c.id = new.contest_id and p.id = new.paper_id and c.owner = new.owner) then
      raise exception 'contest, paper and session belong to one owner' using errcode = 'LT005';
    end if;
  end if;
  return new;
end
$$;
create trigger contest_owned before update on contest for each row execute function keep_owner();
create trigger session_owned before insert or update of owner, contest_id, paper_id on session
  for each row execute function keep_owner();
create trigger paper_owned before update on paper for each row execute function keep_owner();
create trigger question_owned before update on question for each row execute function keep_owner();

-- Provinces may have a question with the same words, and teams of the same name.
alter table question drop constraint question_stem_key_key;
alter table question add constraint question_stem_key_key unique (owner, stem_key);
alter table delegation drop constraint delegation_name_key;
alter table delegation add constraint delegation_name_key unique (owner, name);
alter table delegation drop constraint delegation_short_key;
alter table delegation add constraint delegation_short_key unique (owner, short);
alter table air_channel drop constraint air_channel_pkey;
alter table air_channel add constraint air_channel_pkey primary key (owner, channel);
-- In a province's contest seats count through all its teams.
alter table contestant drop constraint contestant_seat_check;
alter table contestant add constraint contestant_seat_check check (seat between 1 and 99999);

-- The national bank's questions in provinces' hands -----------------------------------------------------------------

alter table question add column for_provinces boolean not null default false;
comment on column question.for_provinces is 'a question of the nation that provinces may use as it was approved';

create function keep_foreign_question() returns trigger language plpgsql as $$
declare
  of_question bigint := case when tg_table_name = 'question' then coalesce(new.id, old.id)
    else (to_jsonb(coalesce(new, old)) ->> 'question_id')::bigint end;
begin
  if (select q.owner from public.question q where q.id = of_question) <> leitai_owner() then
    raise exception 'question % belongs to another', of_question using errcode = 'LT005';
  end if;
  return coalesce(new, old);
end
$$;
create trigger question_not_foreign before update or delete on question
  for each row execute function keep_foreign_question();
create trigger question_version_not_foreign before insert or update on question_version
  for each row execute function keep_foreign_question();
create trigger question_act_not_foreign before insert on question_act
  for each row execute function keep_foreign_question();
create trigger question_comment_not_foreign before insert on question_comment
  for each row execute function keep_foreign_question();

create or replace view usable_version as
  select v.*
  from question_search s
  join question_version v on v.id = s.usable_id
  join question q on q.id = s.question_id
  where s.state <> 'retired' and (q.owner = leitai_owner() or (q.owner = '' and q.for_provinces));

-- The syllabus is the ministry's: what a province brings in by another name goes without a point.
create or replace function take_point(of_module text, by_name text, actor text) returns bigint language plpgsql as $$
declare
  edition bigint;
  found_id bigint;
begin
  if by_name = '' then
    return null;
  end if;
  -- One at a time, or two imports would each add it.
  select id into edition from syllabus_edition order by id desc limit 1 for update;
  select point_id into found_id from syllabus_point
    where module = of_module and name = by_name order by edition_id desc limit 1;
  if leitai_owner() <> '' then
    return found_id;
  end if;
  if found_id is null then
    insert into knowledge_point (module, created_by) values (of_module, actor) returning id into found_id;
  end if;
  insert into syllabus_point (edition_id, point_id, module, name, place, added_by)
    select edition, found_id, of_module, by_name, coalesce(max(place), 0) + 1, actor
    from syllabus_point where edition_id = edition and module = of_module
    on conflict do nothing;
  return found_id;
end
$$;


-- People of provinces' contests ---------------------------------------------------------------------------------------

-- By what somebody in a province's contest is known: sealed, and as keyed hashes. Apart from `contestant_identity`, which
-- tells of national rosters, and makes nobody ineligible.
create table province_contestant (
  contestant_id bigint primary key references contestant (id),
  contest_id    bigint not null references contest (id),
  phone_sealed  bytea,
  phone_hash    bytea check (length(phone_hash) = 32),
  id_sealed     bytea,
  id_hash       bytea check (length(id_hash) = 32),
  check ((phone_sealed is null) = (phone_hash is null)),
  check ((id_sealed is null) = (id_hash is null)),
  constraint province_contestant_phone_once unique (contest_id, phone_hash),
  constraint province_contestant_id_once unique (contest_id, id_hash)
);

-- Whether and until when people register themselves, and what they are asked for.
create table registration (
  contest_id bigint primary key references contest (id),
  asks       text not null check (asks in ('phone', 'id', 'both')),
  closes_us  bigint not null check (closes_us >= 0),
  open       boolean not null,
  changed_by text not null,
  changed_at timestamptz not null default now()
);

-- Who registered. Name and unit are sealed, too: nobody has looked at it yet.
create table applicant (
  id            bigint generated always as identity primary key,
  contest_id    bigint not null references registration (contest_id),
  name_sealed   bytea not null,
  unit_sealed   bytea not null,
  team          text not null references delegation (code),
  phone_sealed  bytea,
  phone_hash    bytea check (length(phone_hash) = 32),
  id_sealed     bytea,
  id_hash       bytea check (length(id_hash) = 32),
  state         text not null default 'waiting' check (state in ('waiting', 'approved', 'declined')),
  at_us         bigint not null check (at_us >= 0),
  decided_by    text,
  reason        text not null default '',
  contestant_id bigint references contestant (id),
  check ((state = 'waiting') = (decided_by is null)),
  check ((state = 'approved') = (contestant_id is not null)),
  check (state <> 'declined' or reason <> ''),
  check (phone_hash is not null or id_hash is not null)
);
create unique index applicant_phone_once on applicant (contest_id, phone_hash) where state <> 'declined';
create unique index applicant_id_once on applicant (contest_id, id_hash) where state <> 'declined';
create index applicant_by_contest on applicant (contest_id, state, id);

-- How many prizes of which name, the first ones first: JSON of wire.province_bodies.Prize.
create table contest_prizes (
  contest_id bigint primary key references contest (id),
  edition    integer not null check (edition >= 1),
  prizes     jsonb not null,
  changed_by text not null
);

-- What is awarded is said before anybody has answered.
create function keep_prizes() returns trigger language plpgsql as $$
begin
  if exists (select from public.session where contest_id = new.contest_id
      and phase in ('running', 'paused', 'closed', 'under_review', 'finalized')) then
    raise exception 'the contest has begun' using errcode = 'LT006';
  end if;
  return new;
end
$$;
create trigger contest_prizes_kept before insert or update on contest_prizes
  for each row execute function keep_prizes();

-- What speaks for a nominee beside the list: places in contests of the province's own. Of a person, whatever is uploaded.
create table won_place (
  contest_id  bigint not null references contest (id),
  delegation  text not null references delegation (code),
  id_hash     bytea not null check (length(id_hash) = 32),
  session_id  bigint not null references session (id),
  rank        integer not null check (rank >= 1),
  people      integer not null check (people >= 1),
  centipoints bigint not null,
  actor       text not null,
  at          timestamptz not null default now(),
  primary key (contest_id, delegation, id_hash, session_id)
);

-- What each owner sees ------------------------------------------------------------------------------------------------

-- Makes the schemas `national` and `provincial` anew. Whoever applies migrations calls it afterwards, since views do not
-- follow their tables' columns.
create function make_owners_views() returns void language plpgsql as $$
declare
  view constant text := 'create view %1$s.%2$I as select * from public.%2$I where %3$s with local check option';
  own constant text := 'owner = public.leitai_owner()';
  -- What has an owner, or all of it that the nation leaves out; where a province sees more than its own, it is said below.
  owned constant text[] := array['contest', 'session', 'paper', 'blueprint', 'delegation', 'air_token', 'air_channel',
    'stage', 'question_likeness_scan', 'question', 'question_search'];
  lent constant text := own || $q$ or (owner = '' and for_provinces)$q$;
  -- A newer draft of the nation's is nobody's business: its row shows what it is searched by.
  searched constant text := own || $q$ or (version_id = usable_id and question_id in (select id from provincial.question))$q$;
  own_question constant text := $q$question_id in (select id from provincial.question where owner = public.leitai_owner())$q$;
  of_session constant text := 'session_id in (select id from provincial.session)';
  of_contest constant text := 'contest_id in (select id from provincial.contest)';
  -- What goes by something else than its session or contest; in order: a later one may be about an earlier one.
  further constant text[][] := array[
    ['question_version', own_question || $q$ or (state in ('approved', 'locked')
      and question_id in (select id from provincial.question))$q$],
    ['question_act', own_question], ['question_comment', own_question],
    ['question_likeness', $q$one_id in (select id from provincial.question where owner = public.leitai_owner())
      and other_id in (select id from provincial.question where owner = public.leitai_owner())$q$],
    ['question_occasion', $q$kind = 'contest' and key in (select id::text from provincial.session)$q$],
    ['question_use', $q$occasion_id in (select id from provincial.question_occasion)$q$],
    ['paper_item', $q$paper_id in (select id from provincial.paper)$q$],
    ['paper_act', $q$paper_id in (select id from provincial.paper)$q$],
    ['ruling_act', $q$ruling_id in (select id from provincial.ruling)$q$],
    ['appeal_decision', $q$appeal_id in (select id from provincial.appeal)$q$],
    ['clarification_answer', $q$clarification_id in (select id from provincial.clarification)$q$],
    ['command_decision', $q$request_id in (select id from provincial.command_request)$q$],
    ['stray_receipt_decision', $q$receipt_id in (select id from provincial.stray_receipt)$q$],
    ['strike_off', $q$contestant_id in (select id from provincial.contestant)$q$],
    ['stage_question', $q$stage_id in (select id from provincial.stage)$q$],
    ['stage_code', $q$stage_id in (select id from provincial.stage)$q$],
    ['stage_event', $q$stage_id in (select id from provincial.stage)$q$],
    ['staff', $q$delegation = public.leitai_owner() and 'team_leader' = any (roles)$q$],
    ['staff_factor', $q$staff_id in (select id from provincial.staff)$q$],
    ['staff_recovery', $q$staff_id in (select id from provincial.staff)$q$],
    ['bank_upload', $q$owner in (select login from provincial.staff)$q$]
  ];
  -- The same for everybody, and in nobody's hand: the syllabus, what practice has released, files' names, the audit, which
  -- is one chain of hashes, the key that signs results, tables of moves.
  common constant text[] := array[
    'syllabus_edition', 'syllabus_point', 'knowledge_point', 'practice_release', 'practice_question', 'import_batch', 'audit',
    'signing_key', 'ruling_move', 'question_move', 'draw_move', 'schema_migration', 'usable_version'
  ];
  -- What the nation's staff asks for by a number of its own.
  asked constant text[] := array['ruling', 'appeal', 'clarification', 'command_request', 'award_step', 'award_objection',
    'stray_receipt'];
  named text;
  condition text;
begin
  set local client_min_messages to warning;
  drop schema if exists national, provincial cascade;
  create schema national;
  create schema provincial;
  foreach named in array owned loop
    execute format(view, 'national', named, own);
    condition := case named when 'question' then lent when 'question_search' then searched else own end;
    execute format(view, 'provincial', named, condition);
  end loop;
  foreach named in array asked loop
    execute format(view, 'national', named, 'session_id in (select id from national.session)');
  end loop;
  for named, condition in
    select c.relname, case when bool_or(a.attname = 'session_id') then of_session else of_contest end
    from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname in ('session_id', 'contest_id')
    where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
      and to_regclass('provincial.' || quote_ident(c.relname)) is null
    group by c.relname order by c.relname
  loop
    execute format(view, 'provincial', named, condition);
  end loop;
  for i in 1 .. array_length(further, 1) loop
    named := further[i][1];
    execute format(view, 'provincial', named, further[i][2]);
  end loop;
  for named in
    select c.relname from pg_class c
    where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v')
      and c.relname <> all (common) and to_regclass('provincial.' || quote_ident(c.relname)) is null
  loop
    execute format(view, 'provincial', named, 'false');
  end loop;
end
$$;
