-- name: forget_arriving
delete from media where sha256 is null and uploaded_at < now() - interval '1 day'

-- name: begin
insert into media (uploaded_by) values ($1) returning id

-- name: add_part
insert into media_part (media_id, no, data) values ($1, $2, $3)

-- name: complete
update media set sha256 = $2, media_type = $3, bytes = $4, width = $5, height = $6, title = $7, purpose = $8, module = $9
where id = $1

-- name: drop
delete from media where id = $1 and sha256 is null

-- name: lock_hash
select pg_advisory_xact_lock($1)

-- name: file
select m.*, (extract(epoch from m.uploaded_at) * 1000000)::bigint as uploaded_us,
  (select count(*) from question_media q where q.media_id = m.id) as used
from media m where m.sha256 = $1 order by m.owner = leitai_owner() desc limit 1

-- name: own_file
select exists (select from media where sha256 = $1 and owner = leitai_owner())

-- name: files
select m.*, (extract(epoch from m.uploaded_at) * 1000000)::bigint as uploaded_us,
  (select count(*) from question_media q where q.media_id = m.id) as used
from media m
where m.sha256 is not null and m.owner = leitai_owner() and ($1::text is null or m.purpose = $1) and ($2 = '' or strpos(lower(m.title), lower($2)) > 0)
order by m.id desc offset $3 limit $4

-- name: count_files
select count(*) from media
where sha256 is not null and owner = leitai_owner() and ($1::text is null or purpose = $1) and ($2 = '' or strpos(lower(title), lower($2)) > 0)

-- name: part
select p.data from media m join media_part p on p.media_id = m.id where m.sha256 = $1 and p.no = $2

-- name: item_part
-- Whoever knows the hash has it from a sealed paper, which keeps what it shows, whatever becomes of the bank or is lent, or
-- from the running order of a stage.
select p.data from public.media m join public.media_part p on p.media_id = m.id where m.sha256 = $1 and p.no = $2 limit 1

-- name: shown
select v.version, q.place, q.caption, m.*, (extract(epoch from m.uploaded_at) * 1000000)::bigint as uploaded_us, 0::bigint as used
from question_version v join question_media q on q.version_id = v.id join media m on m.id = q.media_id
where v.question_id = $1
order by v.version, q.place

-- name: version
select id, author, state from question_version where question_id = $1 and version = $2 for update

-- name: show
insert into question_media (version_id, place, media_id, caption)
select $1, coalesce((select max(place) from question_media where version_id = $1), 0) + 1, id, $3
from media where sha256 = $2 and owner = leitai_owner()
on conflict (version_id, media_id) do nothing
returning place

-- name: hide
delete from question_media q using media m where m.id = q.media_id and q.version_id = $1 and m.sha256 = $2 returning q.place
