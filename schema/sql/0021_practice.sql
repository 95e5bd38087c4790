-- Practising all year: which questions are released, the sets made of them, and what each learner knows by now.
--
-- Days are Beijing's. Instants are microseconds on the server's clock; no browser's clock is ever written down.

-- What is practised -------------------------------------------------------------------------------------------------

-- What the practice office releases at once: the questions of a module, of one type or of all ('' here), that an edition
-- of the syllabus has or, where there is none, all of them.
create table practice_release (
  id           bigint generated always as identity primary key,
  edition_id   bigint references syllabus_edition (id),
  module       text not null check (module <> ''),
  type         text not null default '',
  from_day     date not null,
  questions    integer not null check (questions > 0),
  released_by  text not null check (released_by <> ''),
  released_at  timestamptz not null default now(),
  withdrawn_by text,
  withdrawn_at timestamptz,
  reason       text not null default '',
  check ((withdrawn_by is null) = (withdrawn_at is null)),
  check (withdrawn_by is null or reason <> '')
);

-- The last release of each question, also when it was withdrawn: papers may leave out what was met in practice. What is
-- served is the newest approved version of those whose release holds, unless the question is retired.
create table practice_question (
  question_id bigint primary key references question (id),
  release_id  bigint not null references practice_release (id)
);
create index practice_question_by_release on practice_question (release_id);

-- Sets --------------------------------------------------------------------------------------------------------------

-- The questions of a set with what was answered, by place. It is open until `closed_us`: handed in, or expired.
create table practice_set (
  id           bigint generated always as identity primary key,
  learner_id   bigint not null references learner (id),
  kind         text not null check (kind in ('daily', 'weekly')),
  -- What was asked for; '' is all of them.
  module       text not null default '',
  type         text not null default '',
  day          date not null,
  opened_us    bigint not null,
  expires_us   bigint not null check (expires_us > opened_us),
  -- A digest of the address that it was asked from, with another key each day.
  network      text not null default '',
  question_ids bigint[] not null check (cardinality(question_ids) between 1 and 20),
  version_ids  bigint[] not null check (cardinality(version_ids) = cardinality(question_ids)),
  -- Responses as JSON, null until there is one.
  given        text[] not null check (cardinality(given) = cardinality(question_ids)),
  was_right    boolean[] not null check (cardinality(was_right) = cardinality(question_ids)),
  -- Whether the answer adds a question to the day.
  counted      boolean[] not null check (cardinality(counted) = cardinality(question_ids)),
  answered_us  bigint[] not null check (cardinality(answered_us) = cardinality(question_ids)),
  handed_us    bigint,
  handed_day   date,
  -- Of 周周练: which of the day it was, and its points, whether they count or not.
  day_place    smallint check (day_place >= 1),
  centipoints  integer not null default 0 check (centipoints between 0 and 1000),
  closed_us    bigint,
  check (handed_us is null or closed_us is not null),
  check ((handed_us is null) = (handed_day is null)),
  check (day_place is null or (kind = 'weekly' and handed_us is not null)),
  check (kind = 'weekly' or centipoints = 0)
) with (fillfactor = 70);
-- One set of a kind is open at a time, and no two are the same of a day.
create unique index practice_set_open on practice_set (learner_id, kind, module, type) where closed_us is null;
create unique index practice_set_place on practice_set (learner_id, handed_day, day_place) where day_place is not null;
create index practice_set_by_day on practice_set (day, learner_id);
create index practice_set_by_network on practice_set (day, network) where network <> '';

-- What is closed stays as it is, and an answer is given once.
create function keep_practice_set() returns trigger language plpgsql as $$
begin
  if old.closed_us is not null
    or (new.learner_id, new.kind, new.day, new.opened_us, new.expires_us, new.question_ids, new.version_ids)
      is distinct from
      (old.learner_id, old.kind, old.day, old.opened_us, old.expires_us, old.question_ids, old.version_ids)
  then
    raise exception 'set % is kept as it was', old.id using errcode = 'LT001';
  end if;
  for place in 1 .. cardinality(old.given) loop
    if old.given[place] is not null and (
      new.given[place] is distinct from old.given[place] or new.was_right[place] is distinct from old.was_right[place]
    ) then
      raise exception 'set %: an answer is given once', old.id using errcode = 'LT001';
    end if;
  end loop;
  return new;
end
$$;
create trigger practice_set_kept before update on practice_set for each row execute function keep_practice_set();

-- A learner's day: sets of 周周练 handed in, and distinct questions of 日日学 answered.
create table practice_day (
  learner_id  bigint not null references learner (id),
  day         date not null,
  weekly_sets integer not null default 0 check (weekly_sets >= 0),
  questions   integer not null default 0 check (questions >= 0),
  primary key (learner_id, day)
) with (fillfactor = 80);

-- What learners know -------------------------------------------------------------------------------------------------

-- How well a learner knows a question: the memory of the spaced repetition (FSRS), and the book of mistakes.
create table practice_card (
  learner_id  bigint not null references learner (id),
  question_id bigint not null references question (id),
  -- Module and type as a number: office.practice.topics.
  topic       smallint not null,
  due_us      bigint not null,
  reviewed_us bigint not null,
  stability   real not null,
  difficulty  real not null,
  -- 1 learning, 2 review, 3 relearning; `step` null in review.
  state       smallint not null check (state between 1 and 3),
  step        smallint,
  seen        integer not null check (seen >= 1),
  right_count integer not null check (right_count between 0 and seen),
  -- Right answers in a row, since the last wrong one.
  streak      smallint not null check (streak >= 0),
  -- It is in the book of mistakes, since then.
  wrong       boolean not null,
  wrong_us    bigint not null default 0,
  -- The last day on which it added to the learner's questions.
  counted_on  date,
  primary key (learner_id, question_id)
) with (fillfactor = 80);
create index practice_card_due on practice_card (learner_id, topic, due_us) include (question_id, wrong);
create index practice_card_wrong on practice_card (learner_id, wrong_us desc, question_id) where wrong;

-- What a learner marked: a bookmark, a note, or both.
create table practice_mark (
  learner_id  bigint not null references learner (id),
  question_id bigint not null references question (id),
  bookmarked  boolean not null default false,
  note        text not null default '' check (length(note) <= 500),
  changed_us  bigint not null,
  primary key (learner_id, question_id),
  check (bookmarked or note <> '')
);
create index practice_mark_newest on practice_mark (learner_id, changed_us desc, question_id);

-- What the practice office sees --------------------------------------------------------------------------------------

-- Days that were gone through after their end, once each.
create table practice_night (
  day     date primary key,
  done_at timestamptz not null default now()
);

-- A pattern that a night's check found (rules.practice_patterns), and what somebody made of it.
create table practice_finding (
  id        bigint generated always as identity primary key,
  day       date not null references practice_night (day),
  pattern   text not null check (pattern in ('impossible_speed', 'steady_right', 'one_address', 'twins')),
  learners  bigint[] not null check (cardinality(learners) >= 1),
  answers   integer not null check (answers >= 0),
  figure_us bigint not null default 0,
  seen_by   text,
  seen_at   timestamptz,
  note      text not null default '',
  check ((seen_by is null) = (seen_at is null))
);
create index practice_finding_by_day on practice_finding (day desc, id);

-- Who took part, by day, province and module; '' is the public, who belong to no province.
create table practice_participation (
  day           date not null references practice_night (day),
  province      text not null,
  module        text not null,
  learners      integer not null check (learners >= 0),
  answers       bigint not null check (answers >= 0),
  right_answers bigint not null check (right_answers between 0 and answers),
  primary key (day, province, module)
);
