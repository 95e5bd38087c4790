-- A stage's plan may be changed until it begins; what was shown to an audience is taken for no other stage. At the end: what
-- judges may not add once a session is final.

alter table stage add column wanted jsonb;
comment on column stage.wanted is 'What was asked for (office.stage.ports.StageWanted); null: planned before plans could be changed';
-- How often the plan was changed: whoever changes it names what was seen.
alter table stage add column edition integer not null default 1 check (edition >= 1);

create or replace function keep_stage() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' or (old.created_at, old.created_by) is distinct from (new.created_at, new.created_by)
    or (old.state, new.state) not in
      (('draft', 'draft'), ('draft', 'running'), ('running', 'running'), ('running', 'ended'), ('ended', 'ended'))
    or (new.state <> 'draft' and (old.title, old.plan, old.wanted, old.edition)
      is distinct from (new.title, new.plan, new.wanted, new.edition)) then
    raise exception 'stage % is not changed so', old.id using errcode = 'LT004';
  end if;
  return new;
end
$$;

-- Questions of a plan change with it, and stay from the beginning on.
drop trigger stage_question_append_only on stage_question;
create function keep_stage_question() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' or not exists (select from stage where id = old.stage_id and state = 'draft') then
    raise exception 'rows of % are kept as they were written', tg_table_name using errcode = 'LT001';
  end if;
  return old;
end
$$;
create trigger stage_question_kept before update or delete on stage_question
  for each row execute function keep_stage_question();

-- What was shown, on which stage.
create view stage_shown as
select distinct e.stage_id, v.question_id, v.id as version_id
from stage_event e
join stage_question q on q.stage_id = e.stage_id and q.number = (e.body ->> 'question')::integer
join question_version v on v.id = q.version_id
where e.kind = 'question_shown';

-- No mark is given once the session is final: the page is closed then, and a slow one is refused here.
create function place_mark() returns trigger language plpgsql as $$
begin
  perform from session where id = new.session_id and phase <> 'finalized' for share;
  if not found then
    raise exception 'session % is final', new.session_id using errcode = 'LT002';
  end if;
  return new;
end
$$;
create trigger mark_placed before insert on mark for each row execute function place_mark();

-- Nor is a stray receipt decided.
create function place_receipt_decision() returns trigger language plpgsql as $$
begin
  perform from stray_receipt r join session s on s.id = r.session_id
    where r.id = new.receipt_id and s.phase <> 'finalized' for share of s;
  if not found then
    raise exception 'no receipt % in a session that is not final', new.receipt_id using errcode = 'LT002';
  end if;
  return new;
end
$$;
create trigger stray_receipt_decision_placed before insert on stray_receipt_decision
  for each row execute function place_receipt_decision();
