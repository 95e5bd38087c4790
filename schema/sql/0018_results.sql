-- What proves results and the audit: the contest's signing key, and where the audit stood when a session was sealed.

-- One key. Sealed under the server's key like a session's secret: a copy of the database alone signs nothing.
create table signing_key (
  one        boolean primary key default true check (one),
  public     bytea not null check (length(public) = 32),
  sealed     bytea not null,
  created_at timestamptz not null default now()
);

create trigger signing_key_append_only before update or delete on signing_key
  for each row execute function refuse_rewrite();
create trigger signing_key_no_truncate before truncate on signing_key
  for each statement execute function refuse_rewrite();

-- The audit's last entry when a session's results were first made: in the signed bundle, so that nobody shortens the
-- audit unseen.
create table results_seal (
  session_id bigint primary key references session (id),
  audit_no   bigint not null check (audit_no >= 0),
  audit_hash bytea not null,
  sealed_at  timestamptz not null default now()
);

create trigger results_seal_append_only before update or delete on results_seal
  for each row execute function refuse_rewrite();
create trigger results_seal_no_truncate before truncate on results_seal
  for each statement execute function refuse_rewrite();

-- The audit's ids were in no hash: a column that could be changed unseen. From now on they are the numbers of the chain.
alter table audit drop column id;
alter table audit drop constraint audit_no_key;
alter table audit add primary key (no);
alter table audit add column id bigint generated always as (no) stored;
