-- name: forget_uploads
delete from bank_upload
where created_at < now() - interval '2 hours' or (owner = $1 and state not in ('reading', 'taking'))

-- name: add_upload
insert into bank_upload (id, owner, file_name, module, sha256, data, state) values ($1, $2, $3, $4, $5, $6, 'reading')

-- name: upload
select id, owner, file_name, module, state, report, stage, done, total,
  (extract(epoch from now() - heard_at) * 1000000)::bigint as silent_us
from bank_upload where id = $1 and created_at > now() - interval '2 hours'

-- name: upload_data
select data from bank_upload where id = $1

-- name: move_upload
update bank_upload set state = $3, report = case when $4 = '' then report else $4 end, heard_at = now(), stage = '', done = 0, total = 0
where id = $1 and state = $2 returning id

-- name: tell_upload
update bank_upload set stage = $2, done = $3, total = $4, heard_at = now() where id = $1

-- name: stems
select q.id, v.stem || array_to_string(v.parts, '') as stem
from question q
join lateral (select stem, parts from question_version where question_id = q.id order by version desc limit 1) v on true
where q.retired_at is null and q.owner = leitai_owner()
order by q.id

-- name: forget_open_pairs
delete from question_likeness l
where l.one_id in (select id from question where owner = leitai_owner()) and (l.verdict is null or (l.verdict = 'retired' and not exists (
  select from question q where q.id in (l.one_id, l.other_id) and q.retired_at is not null)))

-- name: add_pairs
insert into question_likeness (one_id, other_id, permille)
select a, b, p from unnest($1::bigint[], $2::bigint[], $3::integer[]) as pair (a, b, p) where a < b
on conflict do nothing

-- name: add_scan
insert into question_likeness_scan (questions, pairs, cut, took_ms, actor) values ($1, $2, $3, $4, $5)

-- name: last_scan
select questions, pairs, cut, took_ms, actor, (extract(epoch from at) * 1000000)::bigint as at_us
from question_likeness_scan order by id desc limit 1

-- name: ids_by_stem
select stem_key, id from question where stem_key = any ($1::bytea[]) and owner = leitai_owner()

-- name: open_pairs
select l.permille,
  a.id as one_id, va.version as one_version, va.state as one_state, va.type as one_type, va.module as one_module,
  va.stem as one_stem, coalesce(sa.name, va.author) as one_author, (extract(epoch from va.created_at) * 1000000)::bigint as one_us,
  b.id as other_id, vb.version as other_version, vb.state as other_state, vb.type as other_type, vb.module as other_module,
  vb.stem as other_stem, coalesce(sb.name, vb.author) as other_author,
  (extract(epoch from vb.created_at) * 1000000)::bigint as other_us
from question_likeness l
join question a on a.id = l.one_id and a.retired_at is null
join question b on b.id = l.other_id and b.retired_at is null
join lateral (select * from question_version where question_id = a.id order by version desc limit 1) va on true
join lateral (select * from question_version where question_id = b.id order by version desc limit 1) vb on true
left join staff sa on sa.login = va.author
left join staff sb on sb.login = vb.author
where l.verdict is null
order by l.permille desc, l.one_id, l.other_id offset $1 limit $2

-- name: count_open_pairs
select count(*)
from question_likeness l
join question a on a.id = l.one_id and a.retired_at is null
join question b on b.id = l.other_id and b.retired_at is null
where l.verdict is null

-- name: is_open
select exists (select from question_likeness where one_id = $1 and other_id = $2 and verdict is null)

-- name: decide_pair
update question_likeness set verdict = $3, decided_by = $4, decided_at = now()
where one_id = $1 and other_id = $2 and verdict is null returning one_id

-- name: uncounted
select s.id from session s join contest c on c.id = s.contest_id
where s.phase = 'finalized' and c.lane = 'contest'
  and not exists (select from question_occasion o where o.kind = 'contest' and o.key = s.id::text)
order by s.id

-- name: versions_of
select i.item_no, i.question_version_id as version_id
from session s join paper_item i on i.paper_id = s.paper_id
where s.id = $1

-- name: simulated
select t.id from sitting t join contestant c on c.id = t.contestant_id where t.session_id = $1 and c.origin = 'simulated'

-- name: forget_occasion
delete from question_occasion where kind = 'practice' and kind = $1 and key = $2

-- name: add_occasion
insert into question_occasion (kind, key) values ($1, $2) on conflict do nothing returning id

-- name: add_uses
insert into question_use (occasion_id, version_id, takers, right_micros, group_size, upper_micros, lower_micros)
select $1, u.* from unnest($2::bigint[], $3::integer[], $4::bigint[], $5::integer[], $6::bigint[], $7::bigint[]) as u

-- name: fared
select v.question_id,
  count(distinct o.id) filter (where o.kind = 'contest') as contests,
  o.kind,
  sum(u.takers)::bigint as takers, sum(u.right_micros)::bigint as right_micros, sum(u.group_size)::bigint as group_size,
  sum(u.upper_micros)::bigint as upper_micros, sum(u.lower_micros)::bigint as lower_micros
from question_use u
join question_version v on v.id = u.version_id
join question_occasion o on o.id = u.occasion_id
where v.question_id = any ($1::bigint[])
group by v.question_id, o.kind
order by v.question_id, o.kind

-- name: fared_at
select v.version, o.kind, o.key, coalesce(s.title, o.key) as title, coalesce(s.start_us, 0) as at_us,
  u.takers, u.right_micros, u.group_size, u.upper_micros, u.lower_micros
from question_use u
join question_version v on v.id = u.version_id
join question_occasion o on o.id = u.occasion_id
left join session s on o.kind = 'contest' and s.id::text = o.key
where v.question_id = $1
order by o.id desc

-- name: found_questions
select v.*
from question_search s
join question_version v on v.id = case when $6::boolean then s.usable_id else s.version_id end
where s.text like all (array(
    select '%' || replace(replace(replace(search_text(t), '\', '\\'), '%', '\%'), '_', '\_') || '%' from unnest($1::text[]) as t))
  and ($2::text is null or s.module = $2) and ($3::bigint is null or s.point_id = $3)
  and ($4::text is null or s.type = $4) and ($5::smallint is null or s.difficulty = $5)
  and (not $6::boolean or s.state <> 'retired') and ($7::text is null or s.state = $7)
  and ($8::text is null or s.author = $8) and ($9::bigint is null or s.question_id = $9)
order by s.question_id
limit $10
