-- Questions that the practice office features: they come first among the new ones, and once they are answered a lecture
-- stands beside their explanation. What belongs to a question before it is answered, its pictures, is in question_media.
create table practice_feature (
  id           bigint generated always as identity primary key,
  question_id  bigint not null references question (id),
  -- A film of the bank, and a picture of the bank that stands for it until it plays; no film: the explanation alone.
  media_id     bigint references media (id),
  poster_id    bigint references media (id),
  -- What is said in the film, as WebVTT.
  captions     text not null default '' check (length(captions) <= 200000),
  from_day     date not null,
  featured_by  text not null check (featured_by <> ''),
  featured_at  timestamptz not null default now(),
  withdrawn_by text,
  withdrawn_at timestamptz,
  check ((withdrawn_by is null) = (withdrawn_at is null)),
  check (media_id is not null or (poster_id is null and captions = ''))
);
create unique index practice_feature_in_force on practice_feature (question_id) where withdrawn_by is null;
