-- Receipts that contestants presented again after a loss of the store and that could not be put back: kept as they were
-- presented, until a judge decides.
create table stray_receipt (
  id              bigint generated always as identity primary key,
  session_id      bigint not null references session (id),
  sitting_id      bigint not null references sitting (id),
  item_no         integer not null,
  client_seq      bigint not null,
  response        text[] not null,
  status          text not null,
  stamp_us        bigint not null,
  elapsed_us      bigint not null,
  "offset"        bigint not null,
  receipt         bytea not null,
  -- Not ours for these values, or contradicted by the record.
  fault           text not null check (fault in ('unproven', 'contradicted')),
  presented_at_us bigint not null check (presented_at_us >= 0),
  recorded_at     timestamptz not null default now(),
  -- Of all that it says: a receipt that a browser presents again and again is one.
  digest          bytea not null check (length(digest) = 32),
  unique (session_id, digest)
);
create index stray_receipt_by_session on stray_receipt (session_id, id);

create table stray_receipt_decision (
  receipt_id  bigint primary key references stray_receipt (id),
  actor       text not null references staff (login),
  at_us       bigint not null check (at_us >= 0),
  reason      text not null check (reason <> ''),
  -- Null: laid aside, for the reason.
  ruling_id   bigint references ruling (id),
  recorded_at timestamptz not null default now()
);

create trigger stray_receipt_append_only before update or delete on stray_receipt
  for each row execute function refuse_rewrite();
create trigger stray_receipt_no_truncate before truncate on stray_receipt
  for each statement execute function refuse_rewrite();
create trigger stray_receipt_decision_append_only before update or delete on stray_receipt_decision
  for each row execute function refuse_rewrite();
create trigger stray_receipt_decision_no_truncate before truncate on stray_receipt_decision
  for each statement execute function refuse_rewrite();
