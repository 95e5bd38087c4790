-- The event feed of a session as it was told: one line for each change of an object, in order, never rewritten.
-- Scoreboards are whole each, and only the newest are kept.
create table feed_event (
  session_id bigint not null references session (id),
  seq        bigint not null check (seq > 0),
  type       text not null,
  object_id  text not null,
  -- The object as JSON, byte for byte as it is told; 'null': it is there no more.
  data       text not null,
  primary key (session_id, seq)
);

-- Which process adds to it.
create table feed_writer (
  session_id bigint primary key references session (id),
  holder     text not null,
  until      timestamptz not null
);
