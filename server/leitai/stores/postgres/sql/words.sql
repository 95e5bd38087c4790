-- name: insert_announcement
insert into announcement (session_id, delegation, room, sitting_id, text, actor, at_us)
values ($1, $2, $3, $4, $5, $6, $7) returning id

-- name: announcements
select id, delegation, room, sitting_id, text, actor, at_us from announcement where session_id = $1 order by id

-- name: insert_clarification
insert into clarification (session_id, sitting_id, item_no, question, at_us) values ($1, $2, $3, $4, $5) returning id

-- name: insert_clarification_answer
insert into clarification_answer (clarification_id, actor, at_us, text, to_all) values ($1, $2, $3, $4, $5)

-- name: clarifications
select q.id, q.sitting_id, q.item_no, q.question, q.at_us, a.actor, a.at_us as answered_at_us, a.text, a.to_all
from clarification q left join clarification_answer a on a.clarification_id = q.id
where q.session_id = $1
order by q.id

-- name: revision
select concat_ws(' ', (select count(*) from announcement where session_id = $1),
  (select count(*) from clarification where session_id = $1),
  (select count(*) from clarification q join clarification_answer a on a.clarification_id = q.id where q.session_id = $1))
