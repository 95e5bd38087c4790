-- name: hold
insert into feed_writer (session_id, holder, until)
values ($1, $2, now() + interval '5 seconds')
on conflict (session_id) do update
   set holder = excluded.holder, until = excluded.until
 where feed_writer.holder = excluded.holder or feed_writer.until < now()
returning holder;

-- name: after
select seq, type, object_id, data
  from feed_event
 where session_id = $1 and seq > $2
 order by seq;

-- name: last
select coalesce(max(seq), 0)
  from feed_event
 where session_id = $1;

-- name: append
insert into feed_event (session_id, seq, type, object_id, data)
values ($1, $2, $3, $4, $5);

-- name: thin
delete from feed_event
 where session_id = $1 and type = 'scoreboard'
   and seq <= (select seq
                 from feed_event
                where session_id = $1 and type = 'scoreboard'
                order by seq desc
               offset $2
                limit 1);
