-- How organisations stand against each other (`practice_sum` by organisation), so that nobody who asks sums up a nation.
--
-- Whoever earns writes down what changes, and touches no row that others do: a province's one sum would have all of its
-- learners wait for each other. What is written down is added up every few seconds; until then a board adds it itself.
create table practice_branch (
  period          smallint not null,
  starts_on       date not null,
  organisation_id bigint not null references organisation (id),
  -- Of everybody at and under it in the period, of disabled accounts too.
  centipoints     bigint not null,
  learners        bigint not null,
  primary key (period, starts_on, organisation_id)
);
create table practice_branch_change (
  period      smallint not null,
  starts_on   date not null,
  -- The organisation and those above it, from the province down.
  places      bigint[] not null,
  centipoints bigint not null,
  learners    bigint not null
);

-- By statement, whoever changes sums and by whatever way: who moves is taken from one branch and given to another.
create function note_practice_sums() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    insert into practice_branch_change
    select s.period, s.starts_on, p.places, sum(s.centipoints), count(*)
    from sums_after s
    cross join lateral (
      select array_remove(array[s.province_id, s.city_id, s.county_id, s.township_id, s.village_id, s.unit_id], null)
    ) p (places)
    where s.province_id is not null
    group by 1, 2, 3;
  elsif tg_op = 'DELETE' then
    insert into practice_branch_change
    select s.period, s.starts_on, p.places, -sum(s.centipoints), -count(*)
    from sums_before s
    cross join lateral (
      select array_remove(array[s.province_id, s.city_id, s.county_id, s.township_id, s.village_id, s.unit_id], null)
    ) p (places)
    where s.province_id is not null
    group by 1, 2, 3;
  else
    insert into practice_branch_change
    select s.period, s.starts_on, p.places, sum(s.sign * s.centipoints), sum(s.sign)
    from (select -1 as sign, b.* from sums_before b union all select 1, a.* from sums_after a) s
    cross join lateral (
      select array_remove(array[s.province_id, s.city_id, s.county_id, s.township_id, s.village_id, s.unit_id], null)
    ) p (places)
    where s.province_id is not null
    group by 1, 2, 3
    having sum(s.sign * s.centipoints) <> 0 or sum(s.sign) <> 0;
  end if;
  return null;
end
$$;
create trigger practice_sum_added after insert on practice_sum
  referencing new table as sums_after for each statement execute function note_practice_sums();
create trigger practice_sum_changed after update on practice_sum
  referencing old table as sums_before new table as sums_after for each statement execute function note_practice_sums();
create trigger practice_sum_taken after delete on practice_sum
  referencing old table as sums_before for each statement execute function note_practice_sums();

insert into practice_branch
select s.period, s.starts_on, p.place, sum(s.centipoints), count(*)
from practice_sum s
cross join unnest(array[s.province_id, s.city_id, s.county_id, s.township_id, s.village_id, s.unit_id]) as p (place)
where p.place is not null
group by 1, 2, 3;
