-- How many have a result, written with it: everybody's page tells it, and none of them is to count a nation's sittings.
alter table monthly add column sat integer check (sat >= 0);
update monthly m set sat = (select count(*) from monthly_sitting t where t.session_id = m.session_id and t.rank is not null)
where m.settled_us is not null;
alter table monthly add check ((sat is null) = (settled_us is null));
