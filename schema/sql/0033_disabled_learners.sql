-- Accounts that are disabled stand on no board of practice: a few among many, looked up with every board.
create index learner_disabled on learner (id) where disabled;
