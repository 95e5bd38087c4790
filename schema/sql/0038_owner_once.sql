-- Whose connection it is is asked once for a statement instead of once for each row: of a bank of 100,000 questions that was
-- most of what counting them took. The views are made anew after this, as after every migration.
do $$
declare
  made text := pg_get_functiondef('make_owners_views()'::regprocedure);
  once text := replace(made, 'owner = public.leitai_owner()', 'owner = (select public.leitai_owner())');
begin
  if once = made then
    raise exception 'make_owners_views() asks for the owner in some other way';
  end if;
  execute once;
end
$$;
