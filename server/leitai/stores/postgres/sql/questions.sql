-- name: terms
select search_text(t) as text, search_grams(search_text(t)) as grams
from unnest($1::text[]) with ordinality as sought (t, n)
order by length(search_text(t)) desc, n

-- name: gram_hits
select count(*) from (select from question_search where search_grams(text) @> $1::integer[] limit $2) hit

-- part: filter
($1::text is null or module = $1) and ($2::bigint is null or point_id = $2) and ($3::text is null or type = $3)
and ($4::smallint is null or difficulty = $4) and ($5::text is null or state = $5)
and (not $6::boolean or (usable_id is not null and state <> 'retired')) and ($7::text is null or author = $7)

-- part: listed
f.question_id, v.version, f.state, coalesce(u.version, 0) as usable, v.type, v.stem, v.difficulty, v.module,
v.point, coalesce(w.name, v.author) as author_name, (extract(epoch from v.created_at) * 1000000)::bigint as at_us

-- part: joined
join question_version v on v.id = f.version_id
left join question_version u on u.id = f.usable_id
left join staff w on w.login = v.author

-- part: best_hits
  where text like all ($8::text[]) and
-- take: filter
  order by question_id desc limit $10
),
shown as materialized (
  select *, (place > stem_end)::integer + (place > options_end)::integer as field, (select count(*) from hit) as total
  from hit order by field, place, question_id desc offset $11::bigint limit $12::bigint
)
select f.total,
-- take: listed
from shown f
-- take: joined
order by f.field, f.place, f.question_id desc

-- name: search_indexed
with candidate as materialized (
  select question_id, version_id, usable_id, state, author, type, difficulty, module, point_id, text, stem_end, options_end
  from question_search where search_grams(text) @> $13::integer[]
),
hit as materialized (
  select question_id, version_id, usable_id, state, strpos(text, $9) as place, stem_end, options_end
  from candidate
-- take: best_hits

-- name: search_common
with hit as materialized (
  select question_id, version_id, usable_id, state, strpos(text, $9) as place, stem_end, options_end
  from question_search
-- take: best_hits

-- name: count_filtered
select count(*) from question_search
where ($8::bigint is null or question_id = $8) and
-- take: filter

-- part: all_filtered
select
-- take: listed
from (
  select question_id, version_id, usable_id, state from question_search
  where ($8::bigint is null or question_id = $8) and
-- take: filter

-- part: newest_first
) f
-- take: joined
order by f.question_id desc

-- name: filtered
-- take: all_filtered
  order by question_id desc offset $9 limit $10
-- take: newest_first

-- name: filtered_from_the_end
-- take: all_filtered
  order by question_id offset $9 limit $10
-- take: newest_first

-- name: question
select id, retired_at is not null as retired, for_provinces, owner <> leitai_owner() as lent_here from question where id = $1

-- name: versions
select v.*, coalesce(w.name, v.author) as author_name, (extract(epoch from v.created_at) * 1000000)::bigint as at_us,
  coalesce(b.file_name, '') as imported_from
from question_version v
left join import_batch b on b.id = v.batch_id
left join staff w on w.login = v.author
where v.question_id = $1
order by v.version

-- name: acts
select a.version, a.move, a.actor, coalesce(w.name, a.actor) as actor_name, a.reason,
  (extract(epoch from a.at) * 1000000)::bigint as at_us
from question_act a left join staff w on w.login = a.actor
where a.question_id = $1 order by a.id

-- name: comments
select c.id, c.version, c.author, coalesce(w.name, c.author) as author_name, c.text,
  (extract(epoch from c.at) * 1000000)::bigint as at_us
from question_comment c left join staff w on w.login = c.author
where c.question_id = $1 order by c.id

-- name: insert_question
insert into question (stem_key) values ($1) returning id

-- name: lock_question
select id from question where id = $1 for update

-- name: newest_version
select version, author, state from question_version where question_id = $1 order by version desc limit 1

-- name: set_stem_key
update question set stem_key = $2 where id = $1 and stem_key <> $2

-- name: insert_draft
insert into question_version (question_id, version, type, stem, option_ids, option_texts, key, explanation, difficulty,
  module, point, tags, parts, content_hash, batch_id, state, author, point_id)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, null, 'draft', $15, $16)

-- name: insert_act
insert into question_act (question_id, version, move, actor, reason) values ($1, $2, $3, $4, $5)

-- name: insert_comment
insert into question_comment (question_id, version, author, text) values ($1, $2, $3, $4)

-- name: usable
select * from usable_version
where ($1::text is null or module = $1) and ($2::text is null or type = $2)
  and ($3::smallint is null or difficulty = $3) and ($4::bigint is null or point_id = $4)
order by question_id

-- name: count_versions
select count(*) from question_version where id = any ($1::bigint[])

-- name: lock_versions
insert into question_act (question_id, version, move, actor)
select question_id, version, 'lock', $2 from question_version
where id = any ($1::bigint[]) and state <> 'locked'
  -- The nation's questions are locked by the nation's contests.
  and question_id in (select id from question where owner = leitai_owner())
order by question_id, version
