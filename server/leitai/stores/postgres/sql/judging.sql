-- name: rulings
select id, session_id, effect, evidence from ruling
where ($1::bigint is null or session_id = $1) and ($2::bigint is null or id = $2)
order by id

-- name: acts
select a.ruling_id, a.kind, a.actor, a.at_us, a.reason
from ruling r join ruling_act a on a.ruling_id = r.id
where ($1::bigint is null or r.session_id = $1) and ($2::bigint is null or r.id = $2)
order by a.ruling_id, a.no

-- name: insert_ruling
insert into ruling (session_id, effect, evidence) values ($1, $2::text::jsonb, $3) returning id

-- name: insert_act
insert into ruling_act (ruling_id, no, kind, actor, at_us, reason) values ($1, $2, $3, $4, $5, $6)

-- name: marks
select sitting_id, item_no, "offset", judge, centipoints, at_us from mark where session_id = $1
order by sitting_id, item_no, "offset", no

-- name: insert_mark
insert into mark (session_id, sitting_id, item_no, "offset", no, judge, centipoints, at_us)
values ($1, $2, $3, $4, $5, $6, $7, $8)

-- name: appeals
select p.id, p.session_id, p.sitting_id, p.item_no, p.text, p.filed_at_us, d.actor, d.at_us, d.reason, d.ruling_id
from appeal p left join appeal_decision d on d.appeal_id = p.id
where ($1::bigint is null or p.session_id = $1) and ($2::bigint is null or p.sitting_id = $2)
  and ($3::bigint is null or p.id = $3)
order by p.id

-- name: stray_receipts
-- The record bears one out that is the same in all that counts, whoever signed it.
select r.id, r.session_id, r.sitting_id, r.item_no, r.client_seq, r.response, r.status, r.stamp_us, r.elapsed_us,
  r."offset", r.receipt, r.fault, r.presented_at_us, d.actor, d.at_us, d.reason, d.ruling_id, exists (
    select from answer a
    where a.session_id = r.session_id and a.sitting_id = r.sitting_id and a.item_no = r.item_no
      and a.client_seq = r.client_seq and a.response = r.response and a.status = r.status and a.stamp_us = r.stamp_us
      and a.elapsed_us = r.elapsed_us
  ) as borne_out
from stray_receipt r left join stray_receipt_decision d on d.receipt_id = r.id
where ($1::bigint is null or r.session_id = $1) and ($2::bigint is null or r.id = $2)
order by r.id

-- name: insert_receipt_decision
insert into stray_receipt_decision (receipt_id, actor, at_us, reason, ruling_id) values ($1, $2, $3, $4, $5)

-- name: lock_sitting
select id from sitting where id = $1 and session_id = $2 for update

-- name: insert_appeal
insert into appeal (session_id, sitting_id, item_no, text, filed_at_us) values ($1, $2, $3, $4, $5) returning id

-- name: insert_decision
insert into appeal_decision (appeal_id, actor, at_us, reason, ruling_id) values ($1, $2, $3, $4, $5)

-- name: revision
select concat_ws(' ',
  (select count(*) from ruling r join ruling_act a on a.ruling_id = r.id where r.session_id = $1),
  (select count(*) from appeal p where p.session_id = $1),
  (select count(*) from appeal p join appeal_decision d on d.appeal_id = p.id where p.session_id = $1),
  (select count(*) from stray_receipt r where r.session_id = $1),
  (select count(*) from stray_receipt r join stray_receipt_decision d on d.receipt_id = r.id where r.session_id = $1))

-- name: count_answers
select count(*) from answer where session_id = $1

-- name: answers_after
select a.shard, a."offset", a.sitting_id, a.item_no, a.client_seq, a.response, a.stamp_us, a.elapsed_us,
  a.elapsed_flagged, a.status
from answer a left join unnest($2::int[], $3::bigint[]) as known(shard, upto) on known.shard = a.shard
where a.session_id = $1 and a."offset" > coalesce(known.upto, 0)
order by a.shard, a."offset"
