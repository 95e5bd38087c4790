-- name: after
select no, extract(epoch from at)::text as at, actor, action, subject, detail::text as detail, hash
from audit where no > $1 order by no limit $2

-- name: page
select no, extract(epoch from at)::text as at, actor, action, subject, detail::text as detail, hash
from audit
where ($1::bigint is null or no < $1) and ($2 = '' or actor = $2) and ($3 = '' or action = $3)
  and ($4 = '' or strpos(lower(concat_ws(' ', actor, action, subject, detail::text)), lower($4)) > 0)
  and ($5::bigint is null or at >= 'epoch'::timestamptz + $5::bigint * interval '1 microsecond')
  and ($6::bigint is null or at < 'epoch'::timestamptz + $6::bigint * interval '1 microsecond')
order by no desc limit $7

-- name: head
select no, hash from audit order by no desc limit 1

-- name: actors
select distinct actor from audit order by actor

-- name: actions
select distinct action from audit order by action

-- name: names
select login, name from staff
