-- An announcement may be for one contestant alone.
alter table announcement add column sitting_id bigint references sitting (id);
alter table announcement add constraint announcement_audience
  check (sitting_id is null or (delegation is null and room = ''));
