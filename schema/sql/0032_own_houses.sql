-- Provinces' houses: certificates, publication, prints, and pictures of their own (issue 6, point 8).

-- One of a kind is under way at a time in each house, and not among all of them.
alter table print_job add column owner owner_code not null default leitai_owner();
drop index print_job_under_way;
create unique index print_job_under_way on print_job (owner, kind) where state = 'printing';

-- Two may have brought the same picture; each shows its own, so that nothing of one goes with what the other does.
alter table media add column owner owner_code not null default leitai_owner();
alter table media drop constraint media_sha256_key;
alter table media add constraint media_sha256_key unique (owner, sha256);
create index media_by_hash on media (sha256) where sha256 is not null;

-- What each owner sees (0029), and of what came since, or goes by something else than its session or contest.
alter function make_owners_views() rename to make_first_owners_views;
create function make_owners_views() returns void language plpgsql as $$
declare
  view constant text := 'create or replace view %1$s.%2$I as select * from public.%2$I where %3$s with local check option';
  further constant text[][] := array[
    ['provincial', 'award_step_end', 'step_id in (select id from provincial.award_step)'],
    ['provincial', 'award_answer', 'objection_id in (select id from provincial.award_objection)'],
    ['provincial', 'print_job', 'owner = public.leitai_owner()'],
    ['provincial', 'print_file', 'job_id in (select id from provincial.print_job)'],
    -- Of the nation's pictures and films those that questions show which it has lent.
    ['provincial', 'question_media', 'version_id in (select id from provincial.question_version)'],
    ['provincial', 'media', $q$owner = public.leitai_owner()
      or (owner = '' and id in (select media_id from provincial.question_media))$q$],
    ['provincial', 'media_part', 'media_id in (select id from provincial.media)'],
    -- What the nation asks for without a session: the newest list, what a certificate's code says, prints by name.
    ['national', 'award_list', 'session_id in (select id from national.session)'],
    ['national', 'award_certificate', 'session_id in (select id from national.session)'],
    ['national', 'print_job', 'owner = public.leitai_owner()'],
    ['national', 'media', 'owner = public.leitai_owner()']
  ];
begin
  perform make_first_owners_views();
  for i in 1 .. array_length(further, 1) loop
    execute format(view, further[i][1], further[i][2], further[i][3]);
  end loop;
end
$$;
