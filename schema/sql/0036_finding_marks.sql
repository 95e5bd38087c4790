-- Who of the practice office looked at a finding of the nightly check, when, and what became of it: every word stands beside
-- those before. The columns of practice_finding were overwritten by each; nothing writes or reads them any more.
create table practice_finding_mark (
  id         bigint generated always as identity primary key,
  finding_id bigint not null references practice_finding (id),
  at         timestamptz not null default now(),
  seen_by    text not null,
  note       text not null
);
create index practice_finding_mark_by_finding on practice_finding_mark (finding_id, id);

insert into practice_finding_mark (finding_id, at, seen_by, note)
select id, seen_at, seen_by, note from practice_finding where seen_by is not null order by seen_at, id;

create trigger practice_finding_mark_append_only before update or delete on practice_finding_mark
  for each row execute function refuse_rewrite();
create trigger practice_finding_mark_no_truncate before truncate on practice_finding_mark
  for each statement execute function refuse_rewrite();
create trigger practice_finding_append_only before update or delete on practice_finding
  for each row execute function refuse_rewrite();
create trigger practice_finding_no_truncate before truncate on practice_finding
  for each statement execute function refuse_rewrite();
