-- Questions that come many at a time are made findable together: one by one, twenty thousand of them took PostgreSQL as
-- long as everything else of their import, beside a contest that may be live.

-- The same numbers as before, without a window over the characters: the index stays as it is.
create or replace function search_grams(t text) returns integer[] immutable strict parallel safe cost 2000 language sql as $$
  select coalesce(array_agg(((ascii(a) * 65599::bigint + ascii(b)) % 2147483647)::integer), '{}')
  from (select string_to_array(t, null) as c) chars, unnest(c[:length(t) - 1], c[2:]) as pairs (a, b)
$$;

-- What `refresh_question_search` does for one, for all whose versions a statement brought. Nobody brings a version of
-- a question that is not the own: the tables themselves are asked, not what an owner sees of them.
create function follow_new_versions() returns trigger language plpgsql as $$
begin
  insert into public.question_search (question_id, version_id, usable_id, state, author, type, difficulty, module,
    point_id, text, stem_end, options_end)
  select q.id, v.id,
    (select id from public.question_version where question_id = q.id and state in ('approved', 'locked')
      order by version desc limit 1),
    case when q.retired_at is null then v.state else 'retired' end,
    v.author, v.type, v.difficulty, v.module, v.point_id,
    t.stem || e'\n' || t.options || e'\n' || t.rest, length(t.stem), length(t.stem) + 1 + length(t.options)
  from (select distinct question_id from come) c
  join public.question q on q.id = c.question_id
  cross join lateral (
    select * from public.question_version where question_id = q.id order by version desc limit 1
  ) v
  cross join lateral (
    select search_text(v.stem || array_to_string(v.parts, '')) as stem,
      search_text(array_to_string(v.option_texts, '')) as options,
      search_text(v.explanation || v.point || array_to_string(v.tags, '')) as rest
  ) t
  on conflict (question_id) do update set (version_id, usable_id, state, author, type, difficulty, module, point_id,
    text, stem_end, options_end) = (excluded.version_id, excluded.usable_id, excluded.state, excluded.author,
    excluded.type, excluded.difficulty, excluded.module, excluded.point_id, excluded.text, excluded.stem_end,
    excluded.options_end);
  return null;
end
$$;
drop trigger question_version_searched on question_version;
create trigger question_version_searched after update on question_version
  for each row execute function follow_question();
create trigger question_versions_searched after insert on question_version
  referencing new table as come for each statement execute function follow_new_versions();
