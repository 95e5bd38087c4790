-- A code with which a learner who forgot the password chooses another, once: the office that knows the person hands it over.
create table learner_recovery (
  learner_id bigint primary key references learner (id),
  -- HMAC of the code, bound to the learner.
  digest     bytea not null check (length(digest) = 32),
  until_us   bigint not null,
  issued_by  text not null check (issued_by <> '')
);
