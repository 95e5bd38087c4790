-- name: contests
select c.id, c.title, c.year, r.number, e.state
from contest c
left join lateral (select number from draw_round where contest_id = c.id order by number desc limit 1) r on true
left join lateral (
  select state from draw_event where contest_id = c.id and number = r.number order by no desc limit 1) e on true
where c.lane = 'contest' and ($1::bigint is null or c.id = $1)
order by c.id desc limit 200

-- name: nomination_lists
select n.delegation, d.name, 
  array_agg(lpad(n.no::text, greatest(3, length(n.no::text)), '0') || ' ' || n.name order by n.no) as ids
from nomination n join delegation d on d.code = n.delegation
where n.contest_id = $1 and n.list = 'nominated' and n.eligible
  and exists (select from nomination_freeze f where f.contest_id = $1)
group by n.delegation, d.name
order by n.delegation

-- name: rounds
select r.number, coalesce(k.digest, '') as digest
from draw_round r left join draw_record k on k.contest_id = r.contest_id and k.number = r.number
where r.contest_id = $1 order by r.number

-- name: notice
select number, reason, parties, value_name, value_kind, known_from_us, places, algorithm, lists
from draw_round where contest_id = $1 and number = $2

-- name: events
select e.number, e.act, e.actor, coalesce(s.name, '') as name, e.at_us, e.party, e.content, e.state
from draw_event e left join staff s on s.login = e.actor
where e.contest_id = $1 order by e.number, e.no

-- name: insert_round
insert into draw_round (contest_id, number, reason, parties, value_name, value_kind, known_from_us, places, algorithm, lists)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)

-- name: insert_event
insert into draw_event (contest_id, number, no, act, actor, at_us, party, content)
values ($1, $2, $3, $4, $5, $6, $7, $8)

-- name: insert_record
insert into draw_record (contest_id, number, record, digest) values ($1, $2, $3, $4)

-- name: record
select record from draw_record where contest_id = $1 and number = $2

-- name: last_drawn
select k.record from draw_record k join draw_event e on e.contest_id = k.contest_id and e.number = k.number
where k.contest_id = $1 and e.state = 'drawn' order by k.number desc limit 1

-- name: showing
select coalesce(s.edition, 0) as edition, coalesce(s.province, '') as province, coalesce(s.manner, 'overview') as manner,
  coalesce(s.at_us, 0) as at_us
from draw_round r left join draw_showing s on s.contest_id = r.contest_id and s.number = r.number
where r.contest_id = $1 and r.number = $2

-- name: show
insert into draw_showing (contest_id, number, edition, province, manner, at_us)
select contest_id, number, 1, $3, $4, $5 from draw_round where contest_id = $1 and number = $2 and $6 = 0
on conflict (contest_id, number) do nothing
returning edition

-- name: show_next
update draw_showing set edition = edition + 1, province = $3, manner = $4, at_us = $5
where contest_id = $1 and number = $2 and edition = $6
returning edition
