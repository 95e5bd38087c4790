-- name: province
select coalesce(o.province, '') as province
from learner l left join organisation o on o.id = l.organisation_id
where l.id = $1

-- name: set_disabled
update learner set version = version + 1, disabled = $2 where id = $1 returning id

-- name: issue
insert into learner_recovery (learner_id, digest, until_us, issued_by)
select id, $2, $3, $4 from learner where id = $1
on conflict (learner_id) do update
set digest = excluded.digest, until_us = excluded.until_us, issued_by = excluded.issued_by
returning learner_id

-- name: use_up
delete from learner_recovery where learner_id = $1 and digest = $2 and until_us > $3 returning issued_by

-- name: forget
delete from learner_recovery where learner_id = $1

-- name: set_password
update learner set version = version + 1, password = $2 where id = $1
