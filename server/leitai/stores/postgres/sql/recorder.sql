-- name: position
select ms, seq from recorder_position where session_id = $1 and shard = $2 and stream = $3

-- name: ensure_position
insert into recorder_position (session_id, shard, stream) values ($1, $2, $3) on conflict do nothing

-- name: lock_position
select ms, seq from recorder_position where session_id = $1 and shard = $2 and stream = $3 for update

-- name: move_position
update recorder_position set ms = $4, seq = $5
where session_id = $1 and shard = $2 and stream = $3 and (ms, seq) < ($4, $5)

-- name: create_inbox
create temp table if not exists answer_inbox (
  session_id bigint, shard integer, "offset" bigint, sitting_id bigint, item_no integer, client_seq bigint, response text[], stamp_us bigint,
  elapsed_us bigint, elapsed_flagged boolean, status text
) on commit delete rows

-- name: record_inbox
insert into answer (session_id, shard, "offset", sitting_id, item_no, client_seq, response, stamp_us, elapsed_us,
  elapsed_flagged, status)
select session_id, shard, "offset", sitting_id, item_no, client_seq, response, stamp_us, elapsed_us, elapsed_flagged, status
from answer_inbox order by "offset"
on conflict do nothing

-- name: insert_sitting_event
insert into sitting_event (session_id, sitting_id, at_us, kind, detail) values ($1, $2, $3, $4, $5)

-- name: insert_session_event
insert into session_event (session_id, at_us, kind, detail) values ($1, $2, $3, $4)

-- name: insert_clarification
insert into clarification (session_id, sitting_id, item_no, question, at_us)
select $1, id, $3, $4, $5 from sitting where id = $2 and session_id = $1

-- name: insert_stray_receipt
insert into stray_receipt (session_id, sitting_id, item_no, client_seq, response, status, stamp_us, elapsed_us, "offset",
  receipt, fault, presented_at_us, digest)
select $1, id, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13 from sitting where id = $2 and session_id = $1
on conflict do nothing
