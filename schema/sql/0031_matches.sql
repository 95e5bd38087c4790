-- One-to-one matches between learners (对战): what was played, once it is over. Nothing here ever changes.
--
-- While a match runs it is a log in the ledger (rules.match_log). Points are those of the match; what it earned of practice
-- stands in the ledger of points besides, of kind 4, with the match as its source.

create table practice_match (
  id           bigint primary key check (id > 0),
  -- Beijing's, of its end.
  day          date not null,
  began_us     bigint not null,
  ended_us     bigint not null check (ended_us >= began_us),
  -- The match that the second player's answers are of, where they are a recording.
  recording_id bigint references practice_match (id),
  question_ids bigint[] not null check (cardinality(question_ids) = 10),
  version_ids  bigint[] not null check (cardinality(version_ids) = 10),
  seconds      integer[] not null check (cardinality(seconds) = 10),
  -- A seat; 0: drawn.
  won          smallint not null check (won between 0 and 2),
  won_by       text not null check (won_by in ('points', 'time', 'left', 'drawn')),
  check ((won = 0) = (won_by = 'drawn'))
);
create index practice_match_newest on practice_match (ended_us desc);

create table practice_match_player (
  match_id    bigint not null references practice_match (id),
  seat        smallint not null check (seat in (1, 2)),
  learner_id  bigint not null references learner (id),
  opponent_id bigint not null references learner (id),
  day         date not null,
  -- This player was not there: the answers are those of an earlier play, of this time; 0 for whoever was.
  recorded_us bigint not null default 0,
  -- The other one was not there.
  alone       boolean not null default false,
  points      integer not null check (points between 0 and 1000),
  right_count smallint not null check (right_count between 0 and 10),
  elapsed_us  bigint not null check (elapsed_us >= 0),
  -- By question, responses as JSON; null: none that counts.
  given       text[] not null check (cardinality(given) = 10),
  was_right   boolean[] not null check (cardinality(was_right) = 10),
  took_us     bigint[] not null check (cardinality(took_us) = 10),
  earned      integer not null default 0 check (earned between 0 and 100),
  primary key (match_id, seat),
  check (learner_id <> opponent_id),
  check (earned = 0 or (recorded_us = 0 and not alone))
);
create index practice_match_player_by_day on practice_match_player (learner_id, day desc);

create trigger practice_match_append_only before update or delete on practice_match
  for each row execute function refuse_rewrite();
create trigger practice_match_player_append_only before update or delete on practice_match_player
  for each row execute function refuse_rewrite();
create trigger practice_match_no_truncate before truncate on practice_match
  for each statement execute function refuse_rewrite();
create trigger practice_match_player_no_truncate before truncate on practice_match_player
  for each statement execute function refuse_rewrite();
