-- name: insert_request
insert into command_request (session_id, command, item_no, seconds, expects, actor, at_us, lapses_us)
values ($1, $2, $3, $4, $5, $6, $7, $8) returning id

-- name: requests
select r.id, r.session_id, r.command, r.item_no, r.seconds, r.expects, r.actor, s.name, r.at_us, r.lapses_us
from command_request r join staff s on s.login = r.actor left join command_decision d on d.request_id = r.id
where ($1::bigint is null or r.session_id = $1) and ($2::bigint is null or r.id = $2)
  and ($3::bigint is null or (d.request_id is null and r.lapses_us > $3))
order by r.id

-- name: insert_decision
insert into command_decision (request_id, kind, actor, at_us) values ($1, $2, $3, $4)
