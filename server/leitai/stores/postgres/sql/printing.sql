-- name: forget
delete from print_job where ended_at < now() - make_interval(secs => case kind when 'tickets' then $1::float8 else $2::float8 end)

-- name: give_up
with gone as (
  update print_job set state = 'failed', ended_at = now()
  where state = 'printing' and heard_at < now() - make_interval(secs => $1::float8) returning id)
delete from print_file where job_id in (select id from gone)

-- name: begin
insert into print_job (id, kind, session_id, label, total) values ($1, $2, $3, $4, $5)

-- name: hear
update print_job set heard_at = now(), done = greatest(done, $2) where id = $1 and state = 'printing'

-- name: lack
update print_job set lacking = $2 where id = $1

-- name: keep_file
insert into print_file (job_id, no, name, bytes, sealed)
select id, $2, $3, $4, $5 from print_job where id = $1 and state = 'printing' returning no

-- name: end
update print_job set state = $2, done = case $2 when 'ready' then total else done end, ended_at = now()
where id = $1 and state = 'printing'

-- name: drop_files
delete from print_file where job_id = $1

-- name: job
select id, kind, session_id, label, total, done, lacking, state from print_job where id = $1 and kind = $2

-- name: files
select name, bytes from print_file where job_id = $1 order by no

-- name: file
select f.name, f.sealed from print_job j join print_file f on f.job_id = j.id
where j.id = $1 and j.kind = $2 and j.state = 'ready' and f.no = $3
