-- The contest in PostgreSQL: what it is made of before it runs, and everything that happened once it ran.
--
-- Instants on the contest's clock are bigint microseconds since the Unix epoch (`_us`), as everywhere in Leitai; the
-- timestamptz columns only say when the database took a row in. Points are integers in hundredths (`centipoints`).
-- Words with a fixed set of values are text with a check: an added value is then one changed check, not a type.

-- Tables of record refuse to be rewritten, whoever asks: an appeal is decided by what they hold.
create function refuse_rewrite() returns trigger language plpgsql as $$
begin
  raise exception 'rows of % are kept as they were written', tg_table_name using errcode = 'LT001';
end
$$;

-- Delegations -------------------------------------------------------------------------------------------------------

-- GB/T 2260 codes; 660000 is the code in use for 新疆生产建设兵团. Plan 四(二)2: 31 provincial regions and the 兵团.
create table delegation (
  code  text primary key check (code ~ '^[0-9]{6}$'),
  name  text not null unique,
  short text not null unique
);

insert into delegation (code, name, short) values
  ('110000', '北京市', '北京'), ('120000', '天津市', '天津'), ('130000', '河北省', '河北'),
  ('140000', '山西省', '山西'), ('150000', '内蒙古自治区', '内蒙古'), ('210000', '辽宁省', '辽宁'),
  ('220000', '吉林省', '吉林'), ('230000', '黑龙江省', '黑龙江'), ('310000', '上海市', '上海'),
  ('320000', '江苏省', '江苏'), ('330000', '浙江省', '浙江'), ('340000', '安徽省', '安徽'),
  ('350000', '福建省', '福建'), ('360000', '江西省', '江西'), ('370000', '山东省', '山东'),
  ('410000', '河南省', '河南'), ('420000', '湖北省', '湖北'), ('430000', '湖南省', '湖南'),
  ('440000', '广东省', '广东'), ('450000', '广西壮族自治区', '广西'), ('460000', '海南省', '海南'),
  ('500000', '重庆市', '重庆'), ('510000', '四川省', '四川'), ('520000', '贵州省', '贵州'),
  ('530000', '云南省', '云南'), ('540000', '西藏自治区', '西藏'), ('610000', '陕西省', '陕西'),
  ('620000', '甘肃省', '甘肃'), ('630000', '青海省', '青海'), ('640000', '宁夏回族自治区', '宁夏'),
  ('650000', '新疆维吾尔自治区', '新疆'), ('660000', '新疆生产建设兵团', '兵团');

-- What came in by file ----------------------------------------------------------------------------------------------

create table import_batch (
  id          bigint generated always as identity primary key,
  kind        text not null check (kind in ('bank', 'roster', 'nominations')),
  file_name   text not null,
  file_sha256 bytea not null check (length(file_sha256) = 32),
  accepted    integer not null check (accepted >= 0),
  refused     integer not null check (refused >= 0),
  duplicates  integer not null check (duplicates >= 0),
  actor       text not null,
  imported_at timestamptz not null default now()
);

-- The bank ----------------------------------------------------------------------------------------------------------

-- A question is known by its stem, normalised; its versions hold everything that a revision can change, so that a paper
-- of last year still says what was asked last year.
create table question (
  id         bigint generated always as identity primary key,
  stem_key   bytea not null unique check (length(stem_key) = 32),
  retired_at timestamptz,
  created_at timestamptz not null default now()
);

create table question_version (
  id           bigint generated always as identity primary key,
  question_id  bigint not null references question (id),
  version      integer not null check (version >= 1),
  type         text not null check (type in ('single', 'multiple', 'indeterminate', 'true_false', 'fill_in')),
  stem         text not null check (stem <> ''),
  option_ids   text[] not null,
  option_texts text[] not null,
  -- {"options": ["A"], "blanks": [["alternative", …], …]}
  key          jsonb not null,
  explanation  text not null,
  difficulty   smallint not null check (difficulty between 1 and 5),
  module       text not null,
  point        text not null,
  tags         text[] not null default '{}',
  content_hash bytea not null check (length(content_hash) = 32),
  batch_id     bigint references import_batch (id),
  created_at   timestamptz not null default now(),
  unique (question_id, version),
  check (cardinality(option_ids) = cardinality(option_texts))
);

-- Papers ------------------------------------------------------------------------------------------------------------

create table paper (
  id         bigint generated always as identity primary key,
  title      text not null,
  -- The seed repeats the assembly from the same bank; empty when items were chosen by hand.
  seed       text not null default '',
  created_at timestamptz not null default now()
);

create table paper_item (
  paper_id            bigint not null references paper (id),
  item_no             integer not null check (item_no >= 1),
  question_version_id bigint not null references question_version (id),
  centipoints         integer not null check (centipoints > 0),
  seconds             integer not null check (seconds >= 0),
  marking             text not null default 'exact' check (marking in ('exact', 'partial')),
  primary key (paper_id, item_no),
  unique (paper_id, question_version_id)
);

-- Contests and sessions ---------------------------------------------------------------------------------------------

create table contest (
  id         bigint generated always as identity primary key,
  title      text not null,
  organizer  text not null,
  year       integer not null check (year between 2000 and 9999),
  created_at timestamptz not null default now()
);

create table session (
  id              bigint generated always as identity primary key,
  contest_id      bigint not null references contest (id),
  paper_id        bigint not null references paper (id),
  title           text not null,
  phase           text not null default 'draft' check (phase in (
    'draft', 'scheduled', 'lobby', 'running', 'paused', 'closed', 'under_review', 'finalized')),
  start_us        bigint not null check (start_us >= 0),
  lobby_opens_us  bigint not null check (lobby_opens_us >= 0),
  -- Item keys, option orders and receipts derive from it. Sealed under the server's key (nonce + AES-256-GCM with the
  -- session's id as associated data): a copy of the database alone opens no item.
  secret_sealed   bytea not null,
  -- The settings: every default of the rules is one, shown to operators and printed in the published rules.
  pacing          text not null check (pacing in ('streamed', 'paper')),
  counted         text not null check (counted in ('first', 'last')),
  gap_us          bigint not null default 3000000 check (gap_us >= 0),
  duration_us     bigint not null default 0 check (duration_us >= 0),
  late_entry_us   bigint not null default 600000000 check (late_entry_us >= 0),
  board_follows   text not null default 'close' check (board_follows in ('close', 'answer')),
  freeze_percent  smallint not null default 20 check (freeze_percent between 0 and 100),
  show_own        boolean not null default true,
  show_key        boolean not null default false,
  conduct_limit   integer not null default 5 check (conduct_limit >= 0),
  appeal_us       bigint not null default 7200000000 check (appeal_us >= 0),
  auto_finalize   boolean not null default false,
  shards          integer not null default 1 check (shards >= 1),
  created_at      timestamptz not null default now(),
  check (pacing <> 'paper' or duration_us > 0)
);

-- People ------------------------------------------------------------------------------------------------------------

-- The list a province sends in: 15 it names itself, and 100 of whom 35 are drawn (plan 四(二)2). `no` is the place in
-- the published list, which the draw speaks of. No identity numbers, no telephone numbers: nothing here needs them.
create table nomination (
  contest_id        bigint not null references contest (id),
  delegation        text not null references delegation (code),
  list              text not null check (list in ('named', 'nominated')),
  no                integer not null check (no >= 1),
  name              text not null check (name <> ''),
  unit              text not null,
  daily_star_titles integer not null check (daily_star_titles >= 0),
  weekly_centipoints     integer not null check (weekly_centipoints >= 0),
  prior_events      text[] not null default '{}',
  prior_titles      text[] not null default '{}',
  batch_id          bigint references import_batch (id),
  primary key (contest_id, delegation, list, no)
);

create table draw (
  contest_id bigint not null references contest (id),
  delegation text not null references delegation (code),
  -- Text, not jsonb: it is published, and compared, byte for byte.
  transcript text not null,
  drawn_at   timestamptz not null default now(),
  primary key (contest_id, delegation)
);

create table contestant (
  id                bigint generated always as identity primary key,
  contest_id        bigint not null references contest (id),
  delegation        text not null references delegation (code),
  seat              integer not null check (seat between 1 and 999),
  name              text not null check (name <> ''),
  unit              text not null,
  -- `simulated`: made up to fill a rehearsal larger than the roster.
  origin            text not null check (origin in ('named', 'drawn', 'simulated')),
  daily_star_titles integer not null check (daily_star_titles >= 0),
  weekly_centipoints     integer not null check (weekly_centipoints >= 0),
  prior_events      text[] not null default '{}',
  prior_titles      text[] not null default '{}',
  batch_id          bigint references import_batch (id),
  created_at        timestamptz not null default now(),
  unique (contest_id, delegation, seat)
);

create table sitting (
  id            bigint generated always as identity primary key,
  session_id    bigint not null references session (id),
  contestant_id bigint not null references contestant (id),
  admission_no  text not null check (admission_no ~ '^[0-9]{10}$'),
  -- HMAC-SHA256 of the access code under a key of the server; the code itself is printed once and kept nowhere.
  code_hmac     bytea not null check (length(code_hmac) = 32),
  -- Struck off as ineligible: signs in to nothing, scores nothing, is not replaced (不再递补).
  struck        boolean not null default false,
  struck_reason text not null default '',
  absent        boolean not null default false,
  unique (session_id, contestant_id),
  -- The number names the person in the contest; a rehearsal and the contest itself hand out the same one.
  unique (session_id, admission_no)
);

-- What happened -----------------------------------------------------------------------------------------------------

-- Recorders copy these tables from the ledger's streams. They have no foreign keys on purpose: what was acknowledged is
-- recorded as it is, and one odd entry must not stop all those behind it.
create table answer (
  session_id      bigint not null,
  shard           integer not null,
  "offset"        bigint not null,
  sitting_id      bigint not null,
  item_no         integer not null,
  client_seq      bigint not null,
  response        text[] not null,
  stamp_us        bigint not null,
  elapsed_us      bigint not null,
  elapsed_flagged boolean not null,
  status          text not null check (status in ('accepted', 'late', 'early')),
  recorded_at     timestamptz not null default now(),
  primary key (session_id, shard, "offset"),
  unique (session_id, sitting_id, item_no, client_seq)
);

create trigger answer_append_only before update or delete on answer
  for each row execute function refuse_rewrite();
create trigger answer_no_truncate before truncate on answer
  for each statement execute function refuse_rewrite();

-- How far a stream of the ledger has been recorded, in the stream's own ids (milliseconds, sequence).
create table recorder_position (
  session_id bigint not null,
  shard      integer not null,
  stream     text not null check (stream in ('answers', 'events')),
  ms         bigint not null default 0,
  seq        bigint not null default 0,
  primary key (session_id, shard, stream)
);

create table session_event (
  id          bigint generated always as identity primary key,
  session_id  bigint not null,
  at_us       bigint not null,
  kind        text not null,
  detail      text not null default '',
  recorded_at timestamptz not null default now()
);
create index session_event_by_session on session_event (session_id, id);

create trigger session_event_append_only before update or delete on session_event
  for each row execute function refuse_rewrite();
create trigger session_event_no_truncate before truncate on session_event
  for each statement execute function refuse_rewrite();

create table sitting_event (
  id          bigint generated always as identity primary key,
  session_id  bigint not null,
  sitting_id  bigint not null,
  at_us       bigint not null,
  kind        text not null,
  detail      text not null default '',
  recorded_at timestamptz not null default now()
);
create index sitting_event_by_sitting on sitting_event (session_id, sitting_id, id);

create trigger sitting_event_append_only before update or delete on sitting_event
  for each row execute function refuse_rewrite();
create trigger sitting_event_no_truncate before truncate on sitting_event
  for each statement execute function refuse_rewrite();

-- Who did what in the office.
create table audit (
  id      bigint generated always as identity primary key,
  at      timestamptz not null default now(),
  actor   text not null,
  action  text not null,
  subject text not null,
  detail  jsonb not null default '{}'
);

create trigger audit_append_only before update or delete on audit
  for each row execute function refuse_rewrite();
create trigger audit_no_truncate before truncate on audit
  for each statement execute function refuse_rewrite();
