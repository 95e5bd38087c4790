-- A copy of what the ledger holds of a running session: its state and feed, MessagePack. A director takes the session up
-- from it when the ledger has lost both.
create table session_script (
  session_id bigint primary key references session (id),
  script     bytea not null
);
