-- name: contests
select c.id, c.title, c.organizer, c.year, c.owner,
  (select count(*) from contestant p where p.contest_id = c.id) as people,
  (select count(*) from applicant a where a.contest_id = c.id and a.state = 'waiting') as waiting,
  r.asks, r.closes_us, r.open, coalesce(z.edition, 0) as edition, coalesce(z.prizes, '[]')::text as prizes
from contest c
left join registration r on r.contest_id = c.id
left join contest_prizes z on z.contest_id = c.id
where c.owner <> '' and ($1::bigint is null or c.id = $1)
order by c.id desc limit 200

-- name: sessions
select id, contest_id, title, phase, start_us from session where contest_id = any ($1::bigint[]) order by id desc

-- name: insert_contest
insert into contest (title, organizer, year) values ($1, $2, $3) returning id

-- name: lock_contest
select id from contest where id = $1 and owner <> '' for update

-- name: teams
select code, name, short from delegation order by code

-- name: lock_teams
select pg_advisory_xact_lock(hashtextextended('leitai teams ' || leitai_owner(), 0))

-- name: add_team
insert into delegation (code, name, short)
select left(leitai_owner(), 2) || to_char(coalesce(max(right(code, 4)::integer), 0) + 1, 'FM0000'), $1, $1
from delegation where not exists (select from delegation where name = $1)
having not exists (select from delegation where name = $1)

-- name: people
select c.id, c.seat, c.name, c.unit, c.delegation, n.phone_sealed, n.id_sealed
from contestant c left join province_contestant n on n.contestant_id = c.id
where c.contest_id = $1 order by c.seat

-- name: last_seat
select coalesce(max(seat), 0) from contestant where contest_id = $1

-- name: count_people
select (select count(*) from contestant c where c.contest_id = $1) as people,
  (select count(*) from applicant a where a.contest_id = $1 and a.state = 'waiting') as waiting

-- name: insert_person
insert into contestant (contest_id, delegation, seat, name, unit, origin, daily_star_titles, weekly_centipoints)
values ($1, $2, $3, $4, $5, 'named', 0, 0) returning id

-- name: insert_numbers
insert into province_contestant (contestant_id, contest_id, phone_sealed, phone_hash, id_sealed, id_hash)
values ($1, $2, $3, $4, $5, $6)

-- name: same_person
select exists (select from contestant c where c.contest_id = $1 and c.name = $2 and c.unit = $3)

-- name: set_registration
insert into registration (contest_id, asks, closes_us, open, changed_by) values ($1, $2, $3, $4, $5)
on conflict (contest_id) do update set asks = excluded.asks, closes_us = excluded.closes_us, open = excluded.open,
  changed_by = excluded.changed_by, changed_at = now()

-- name: lock_registration
select asks, closes_us, open from registration where contest_id = $1 for update

-- name: on_roster
select exists (select from province_contestant where contest_id = $1 and (phone_hash = $2 or id_hash = $3))

-- name: insert_applicant
insert into applicant (contest_id, name_sealed, unit_sealed, team, phone_sealed, phone_hash, id_sealed, id_hash, at_us)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9)

-- name: applicants
select id, name_sealed, unit_sealed, team, phone_sealed, id_sealed, state, at_us, coalesce(decided_by, '') as decided_by,
  reason
from applicant where contest_id = $1 order by state <> 'waiting', id limit 5000

-- name: take_applicants
select id, name_sealed, unit_sealed, team, phone_sealed, phone_hash, id_sealed, id_hash
from applicant where contest_id = $1 and id = any ($2::bigint[]) and state = 'waiting' order by id for update

-- name: decide_applicant
update applicant set state = $3, decided_by = $4, reason = $5, contestant_id = $6 where contest_id = $1 and id = $2

-- name: hold_sessions
-- None of them begins before the transaction ends; what is read is what stands once they are held.
select phase, start_us from session where contest_id = $1 order by id for share

-- name: prizes_edition
select edition from contest_prizes where contest_id = $1 for update

-- name: set_prizes
insert into contest_prizes (contest_id, edition, prizes, changed_by) values ($1, $2, $3::text::jsonb, $4)
on conflict (contest_id) do update set edition = excluded.edition, prizes = excluded.prizes, changed_by = excluded.changed_by

-- name: numbers_of
select t.id as sitting_id, n.phone_sealed, n.phone_hash, n.id_sealed, n.id_hash
from sitting t join province_contestant n on n.contestant_id = t.contestant_id
where t.session_id = $1 and t.id = any ($2::bigint[])

-- name: roster_digests
select contestant_id, id_hash from province_contestant where contestant_id = any ($1::bigint[]) and id_hash is not null

-- name: lend
update question q set for_provinces = $2
from question_search s
where q.id = $1 and q.owner = '' and s.question_id = q.id and (not $2 or (s.usable_id is not null and s.state <> 'retired'))
returning q.id

-- name: has_question
select exists (select from question where id = $1)

-- name: won_places
-- Of the provinces' sessions the nation sees nothing but this: which contest a place was won in.
select w.id_hash, w.rank, w.people, w.centipoints, c.title as contest_title, s.title
from won_place w join public.session s on s.id = w.session_id join public.contest c on c.id = s.contest_id
where w.contest_id = $1 and ($2::text is null or w.delegation = $2) order by w.rank, w.session_id

-- name: houses_wanted
-- By the nation. A province's session counts until it is final: its judges work, too.
with led as (
  select delegation as code, count(*) as leaders from staff
  where 'team_leader' = any (roles) and not disabled and (password is not null or $2) and right(delegation, 4) = '0000'
  group by delegation),
under_way as (
  select owner as code, min(start_us) as start_us from public.session
  where owner <> '' and phase not in ('draft', 'finalized') group by owner)
select coalesce(u.code, l.code) as code, u.code is not null as has_session
from led l full join under_way u on u.code = l.code
where u.code is not null or l.leaders >= $1
order by u.start_us nulls last, 1

-- name: houses_past
select distinct owner as code from public.session where owner <> '' and phase = 'finalized' order by 1

-- name: final_sessions
select s.id, c.title as contest_title, s.title, s.start_us,
  (select count(*) from sitting t where t.session_id = s.id and not t.struck and not t.absent) as people
from session s join contest c on c.id = s.contest_id
where s.phase = 'finalized' and s.owner <> '' order by s.id desc limit 100
