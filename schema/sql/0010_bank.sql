-- The question bank as a workplace: the syllabus with its editions, versions of questions with their states and acts,
-- comments, and what the search looks at.

-- The syllabus ------------------------------------------------------------------------------------------------------

-- An edition is a draft until it is published; what is added to it later is its supplement (plan: revised, published in
-- March, supplemented by the end of August). The newest one is the one in work.
create table syllabus_edition (
  id           bigint generated always as identity primary key,
  name         text not null unique check (name <> ''),
  based_on     bigint references syllabus_edition (id),
  created_by   text not null,
  created_at   timestamptz not null default now(),
  published_by text,
  published_at timestamptz,
  check ((published_by is null) = (published_at is null))
);

-- A knowledge point lives through the editions, each of which names it: questions refer to it and need not change.
create table knowledge_point (
  id         bigint generated always as identity primary key,
  module     text not null,
  created_by text not null,
  created_at timestamptz not null default now(),
  unique (id, module)
);

create table syllabus_point (
  edition_id     bigint not null references syllabus_edition (id),
  point_id       bigint not null,
  module         text not null,
  name           text not null check (name <> ''),
  place          integer not null check (place >= 1),
  added_by       text not null,
  added_at       timestamptz not null default now(),
  retired_at     timestamptz,
  retired_reason text not null default '',
  primary key (edition_id, point_id),
  foreign key (point_id, module) references knowledge_point (id, module),
  constraint syllabus_point_once unique (edition_id, module, name)
);

insert into syllabus_edition (name, created_by) values ('2022 版', 'schema');

-- The point that goes by a name in the edition in work, added to it where it is not there; null: no name.
create function take_point(of_module text, by_name text, actor text) returns bigint language plpgsql as $$
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

-- Versions ----------------------------------------------------------------------------------------------------------

-- Everything that came in before was brought by the operators' command line, which approves what it brings.
alter table question_version add column state text not null default 'approved' check (state in (
  'draft', 'in_review', 'returned', 'approved', 'locked'));
alter table question_version alter column state drop default;
alter table question_version add column author text not null default '';
alter table question_version alter column author drop default;
alter table question_version add column point_id bigint references knowledge_point (id);
create index question_version_by_point on question_version (point_id);

update question_version v set author = b.actor from import_batch b where b.id = v.batch_id;
update question_version v set point_id = p.point_id
  from (
    select module, point, take_point(module, point, 'schema') as point_id
    from (select distinct module, point from question_version order by module, point) named
  ) p
  where p.module = v.module and p.point = v.point;

insert into audit (actor, action, subject, detail)
  select 'schema', 'approve-imported', 'bank', jsonb_build_object('versions', count(*))
  from question_version having count(*) > 0;

-- What may follow what (rules.questions has the same table, and a test compares them).
create table question_move (
  from_state text not null,
  move       text not null,
  to_state   text not null,
  primary key (from_state, move)
);
insert into question_move (from_state, move, to_state) values
  ('draft', 'submit', 'in_review'),
  ('returned', 'submit', 'in_review'),
  ('in_review', 'recall', 'draft'),
  ('in_review', 'approve', 'approved'),
  ('in_review', 'return', 'returned'),
  ('approved', 'lock', 'locked'),
  ('locked', 'lock', 'locked');

-- A version's words never change, whatever its state; states move as the table says, and a locked one not at all.
create function keep_question_version() returns trigger language plpgsql as $$
begin
  if to_jsonb(new) - 'state' is distinct from to_jsonb(old) - 'state' then
    raise exception 'a version of a question is kept as it was written' using errcode = 'LT001';
  end if;
  if new.state <> old.state and not exists (
    select from question_move where from_state = old.state and to_state = new.state
  ) then
    raise exception 'a version that is % does not become %', old.state, new.state using errcode = 'LT010';
  end if;
  return new;
end
$$;
create trigger question_version_kept before update on question_version
  for each row execute function keep_question_version();

-- A version begins as a draft; only what an import brought may begin approved, and `batch_id` says which.
create function begin_question_version() returns trigger language plpgsql as $$
begin
  if new.state <> 'draft' and (new.state <> 'approved' or new.batch_id is null) then
    raise exception 'a version of a question begins as a draft' using errcode = 'LT010';
  end if;
  return new;
end
$$;
create trigger question_version_begun before insert on question_version
  for each row execute function begin_question_version();
create trigger question_version_append_only before delete on question_version
  for each row execute function refuse_rewrite();
create trigger question_version_no_truncate before truncate on question_version
  for each statement execute function refuse_rewrite();

-- What was done with a question, and by whom. Who wrote a version is told by the version, what an import brought by its
-- batch.
create table question_act (
  id          bigint generated always as identity primary key,
  question_id bigint not null references question (id),
  version     integer not null,
  move        text not null check (move in (
    'submit', 'recall', 'approve', 'return', 'lock', 'retire', 'restore')),
  actor       text not null check (actor <> ''),
  reason      text not null default '',
  at          timestamptz not null default now(),
  foreign key (question_id, version) references question_version (question_id, version),
  constraint question_act_reasoned check (move not in ('return', 'retire', 'restore') or reason <> '')
);
create index question_act_by_question on question_act (question_id, id);

-- Four eyes are kept here, too, whatever was checked before: nobody reviews what they wrote since the last version that
-- was approved.
create function place_question_act() returns trigger language plpgsql as $$
declare
  held question;
  now_state text;
  next_state text;
begin
  select * into held from question where id = new.question_id for update;
  if new.move = 'restore' then
    if held.retired_at is null then
      raise exception 'question % is not retired', new.question_id using errcode = 'LT010';
    end if;
    update question set retired_at = null where id = new.question_id;
    return new;
  end if;
  if held.retired_at is not null and new.move <> 'lock' then
    raise exception 'question % is retired', new.question_id using errcode = 'LT010';
  end if;
  if new.move = 'retire' then
    update question set retired_at = now() where id = new.question_id;
    return new;
  end if;
  select state into now_state from question_version where question_id = new.question_id and version = new.version;
  select to_state into next_state from question_move where from_state = now_state and move = new.move;
  if next_state is null or (new.move <> 'lock' and exists (
    select from question_version where question_id = new.question_id and version > new.version
  )) then
    raise exception 'question %: % does not follow %', new.question_id, new.move, now_state using errcode = 'LT010';
  end if;
  if new.move in ('approve', 'return') and exists (
    select from question_version w
    where w.question_id = new.question_id and w.version <= new.version and w.author = new.actor
      and w.version > coalesce((
        select max(version) from question_version
        where question_id = new.question_id and version < new.version and state in ('approved', 'locked')), 0)
  ) then
    raise exception 'question %: nobody reviews what they wrote', new.question_id using errcode = 'LT011';
  end if;
  update question_version set state = next_state where question_id = new.question_id and version = new.version;
  return new;
end
$$;
create trigger question_act_placed before insert on question_act for each row execute function place_question_act();
create trigger question_act_append_only before update or delete on question_act
  for each row execute function refuse_rewrite();
create trigger question_act_no_truncate before truncate on question_act
  for each statement execute function refuse_rewrite();

create table question_comment (
  id          bigint generated always as identity primary key,
  question_id bigint not null,
  version     integer not null,
  author      text not null check (author <> ''),
  text        text not null check (text <> ''),
  at          timestamptz not null default now(),
  foreign key (question_id, version) references question_version (question_id, version)
);
create index question_comment_by_question on question_comment (question_id, id);
create trigger question_comment_append_only before update or delete on question_comment
  for each row execute function refuse_rewrite();
create trigger question_comment_no_truncate before truncate on question_comment
  for each statement execute function refuse_rewrite();

-- The search --------------------------------------------------------------------------------------------------------

-- Text as it is searched: one width, one case, no blanks.
create function search_text(t text) returns text immutable strict parallel safe language sql as $$
  select lower(regexp_replace(normalize(t, nfkc), '\s+', '', 'g'))
$$;

-- Every two characters that stand next to each other, as numbers: an index over them finds any text of two characters or
-- more, which trigrams of an extension do not. Two pairs may share a number, so what is found is compared once more.
-- It costs enough to be asked of the index alone.
create function search_grams(t text) returns integer[] immutable strict parallel safe cost 2000 language sql as $$
  select coalesce(array_agg(((ascii(a) * 65599::bigint + ascii(b)) % 2147483647)::integer), '{}')
  from (
    select c as a, lead(c) over (order by n) as b
    from unnest(string_to_array(t, null)) with ordinality as chars (c, n)
  ) pairs
  where b is not null
$$;

-- One row a question, of its newest version: `text` is stem, options and the rest, which begin after `stem_end` and
-- `options_end` characters. `state` is that of the newest version, or retired; `usable_id` the newest approved version.
create table question_search (
  question_id bigint primary key references question (id),
  version_id  bigint not null references question_version (id),
  usable_id   bigint references question_version (id),
  state       text not null,
  author      text not null,
  type        text not null,
  difficulty  smallint not null,
  module      text not null,
  point_id    bigint,
  text        text not null,
  stem_end    integer not null,
  options_end integer not null
);
create index question_search_grams on question_search using gin (search_grams(text));
-- How many rows an array holds in is asked of the index itself; guessing it would mean making them all again.
alter index question_search_grams alter column 1 set statistics 0;
create index question_search_by_state on question_search (state, question_id);
create index question_search_by_point on question_search (point_id, question_id);

create function refresh_question_search(of_question bigint) returns void language sql as $$
  insert into question_search (question_id, version_id, usable_id, state, author, type, difficulty, module, point_id,
    text, stem_end, options_end)
  select q.id, v.id,
    (select id from question_version where question_id = q.id and state in ('approved', 'locked')
      order by version desc limit 1),
    case when q.retired_at is null then v.state else 'retired' end,
    v.author, v.type, v.difficulty, v.module, v.point_id,
    t.stem || e'\n' || t.options || e'\n' || t.rest, length(t.stem), length(t.stem) + 1 + length(t.options)
  from question q
  join lateral (select * from question_version where question_id = q.id order by version desc limit 1) v on true
  cross join lateral (
    select search_text(v.stem || array_to_string(v.parts, '')) as stem,
      search_text(array_to_string(v.option_texts, '')) as options,
      search_text(v.explanation || v.point || array_to_string(v.tags, '')) as rest
  ) t
  where q.id = of_question
  on conflict (question_id) do update set (version_id, usable_id, state, author, type, difficulty, module, point_id,
    text, stem_end, options_end) = (excluded.version_id, excluded.usable_id, excluded.state, excluded.author,
    excluded.type, excluded.difficulty, excluded.module, excluded.point_id, excluded.text, excluded.stem_end,
    excluded.options_end)
$$;

create function follow_question() returns trigger language plpgsql as $$
begin
  if tg_table_name = 'question' then
    perform refresh_question_search(new.id);
  else
    perform refresh_question_search(new.question_id);
  end if;
  return null;
end
$$;
create trigger question_version_searched after insert or update on question_version
  for each row execute function follow_question();
create trigger question_searched after update of retired_at on question
  for each row execute function follow_question();

select refresh_question_search(id) from question;

-- What papers may be made of: the newest approved version of every question that is not retired.
create view usable_version as
  select v.*
  from question_search s join question_version v on v.id = s.usable_id
  where s.state <> 'retired';
