-- name: bank_index
select q.stem_key, v.content_hash as newest_hash, coalesce(u.content_hash, '') as usable_hash
from question q
join question_search s on s.question_id = q.id
join question_version v on v.id = s.version_id
left join question_version u on u.id = s.usable_id
where q.owner = leitai_owner()

-- name: bank
select id, type, stem, option_ids, option_texts, key, explanation, difficulty, module, point, tags, parts
from usable_version
order by question_id

-- name: lock_bank
lock table question in share row exclusive mode

-- name: insert_question
insert into question (stem_key)
select k from unnest($1::bytea[]) with ordinality as u (k, n) order by n
on conflict do nothing

-- name: question_state
select q.id, q.stem_key, q.retired_at is not null as retired, coalesce(v.version, 0) as version, v.state,
  v.content_hash as newest_hash, u.content_hash as usable_hash
from question q
left join question_search s on s.question_id = q.id
left join question_version v on v.id = s.version_id
left join question_version u on u.id = s.usable_id
where q.stem_key = any ($1::bytea[]) and q.owner = leitai_owner()
-- Whoever works on one of them waits, and then sees what the import brought.
for update of q

-- name: take_points
select module, point, take_point(module, point, $3) as point_id
from unnest($1::text[], $2::text[]) with ordinality as named (module, point, n)
order by n

-- name: insert_versions
insert into question_version (question_id, version, type, stem, option_ids, option_texts, key, explanation, difficulty,
  module, point, tags, parts, content_hash, batch_id, state, author, point_id)
select question_id, version, type, stem, option_ids, option_texts, key, explanation, difficulty, module, point, tags, parts,
  decode(content_hash, 'hex'), $2, $3, $4, point_id
from json_to_recordset($1::json) as come (question_id bigint, version integer, type text, stem text, option_ids text[],
  option_texts text[], key jsonb, explanation text, difficulty smallint, module text, point text, tags text[],
  parts text[], content_hash text, point_id bigint)

-- name: insert_batch
insert into import_batch (kind, file_name, file_sha256, accepted, refused, duplicates, actor)
values ($1, $2, $3, $4, $5, $6, $7) returning id

-- name: insert_contest
insert into contest (title, organizer, year) values ($1, $2, $3) returning id

-- name: find_contest
select c.id, c.title, c.organizer, c.year, c.owner, coalesce(z.prizes, '[]')::text as prizes
from contest c left join contest_prizes z on z.contest_id = c.id
where c.title = $1 and c.year = $2 order by c.id desc limit 1

-- name: contest
select c.id, c.title, c.organizer, c.year, c.owner, coalesce(z.prizes, '[]')::text as prizes
from contest c left join contest_prizes z on z.contest_id = c.id where c.id = $1

-- name: lock_contest
select id from contest where id = $1 for update

-- name: has_roster
select exists (select from contestant where contest_id = $1 and origin <> 'simulated')

-- name: insert_contestant
insert into contestant (contest_id, delegation, seat, name, unit, origin, daily_star_titles, weekly_centipoints, prior_events,
  prior_titles, batch_id)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)

-- name: roster
select id, delegation, seat, name, unit, origin, daily_star_titles, weekly_centipoints, prior_events, prior_titles,
  coalesce(s.reason, '') as decided
from contestant left join strike_off s on s.contestant_id = id
where contest_id = $1
order by delegation, seat

-- name: has_nominations
select exists (select from nomination where contest_id = $1)

-- name: insert_nomination
insert into nomination (contest_id, delegation, list, no, name, unit, daily_star_titles, weekly_centipoints, prior_events,
  prior_titles, batch_id)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)

-- name: nominations
select delegation, list, no, name, unit, daily_star_titles, weekly_centipoints, prior_events, prior_titles
from nomination where contest_id = $1
order by delegation, list, no


-- name: insert_paper_item
insert into paper_item (paper_id, item_no, question_version_id, centipoints, seconds, marking)
values ($1, $2, $3, $4, $5, $6)

-- name: insert_sitting
insert into sitting (session_id, contestant_id, admission_no, code_hmac, struck, struck_reason)
values ($1, $2, $3, $4, $5, $6)

-- name: sittings
select t.id as sitting_id, t.session_id, t.admission_no, t.code_hmac, t.struck, t.struck_reason, t.absent,
  c.id, c.delegation, c.seat, c.name, c.unit, c.origin, c.daily_star_titles, c.weekly_centipoints, c.prior_events, c.prior_titles
from sitting t join contestant c on c.id = t.contestant_id
where ($1::bigint is null or t.session_id = $1) and ($2::bigint is null or t.id = $2)
  and ($3::text is null or t.admission_no = $3)
order by c.delegation, c.seat

-- name: renew_code
update sitting set code_hmac = $3 where session_id = $1 and id = $2

-- name: audit
insert into audit (actor, action, subject, detail) values ($1, $2, $3, $4::text::jsonb)

-- name: audit_break
select audit_break()
