CREATE TABLE projects (
  id INTEGER PRIMARY KEY,
  root TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  paused INTEGER NOT NULL DEFAULT 0,
  event_count INTEGER NOT NULL DEFAULT 0,
  event_head TEXT NOT NULL DEFAULT '',
  created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE plan_files (
  project_id INTEGER NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
  path TEXT NOT NULL,
  inode INTEGER NOT NULL,
  size INTEGER NOT NULL,
  mtime_ns INTEGER NOT NULL,
  hash INTEGER NOT NULL,
  unit BLOB NOT NULL,
  PRIMARY KEY (project_id, path)
) STRICT;

CREATE TABLE counters (
  project_id INTEGER NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
  kind TEXT NOT NULL,
  key TEXT NOT NULL,
  n INTEGER NOT NULL,
  PRIMARY KEY (project_id, kind, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE module_tiers (
  project_id INTEGER NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
  module TEXT NOT NULL,
  tier INTEGER NOT NULL,
  PRIMARY KEY (project_id, module)
) STRICT, WITHOUT ROWID;

CREATE TABLE tasks (
  project_id INTEGER NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
  id TEXT NOT NULL,
  module TEXT NOT NULL,
  prefix TEXT NOT NULL,
  number INTEGER NOT NULL,
  digest INTEGER NOT NULL,
  markdown_status TEXT NOT NULL,
  written_status TEXT NOT NULL,
  status TEXT NOT NULL,
  state TEXT NOT NULL,
  held_state TEXT,
  priority TEXT NOT NULL,
  paused INTEGER NOT NULL DEFAULT 0,
  sound INTEGER NOT NULL,
  needs_review INTEGER NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  parked_until INTEGER,
  failure_class TEXT,
  reason TEXT,
  removed_at INTEGER,
  added_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  phase INTEGER,
  title TEXT NOT NULL,
  path TEXT NOT NULL,
  github_issue INTEGER,
  agent TEXT,
  model TEXT,
  touches TEXT NOT NULL,
  verify TEXT NOT NULL,
  labels TEXT NOT NULL,
  timeout_ms INTEGER,
  max_cost_micro INTEGER,
  complexity TEXT,
  content_hash INTEGER NOT NULL,
  PRIMARY KEY (project_id, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX tasks_drift ON tasks (project_id, id)
  WHERE removed_at IS NULL AND (status <> written_status OR markdown_status <> written_status);

CREATE TABLE dependencies (
  project_id INTEGER NOT NULL,
  task TEXT NOT NULL,
  depends_on TEXT NOT NULL,
  kind TEXT NOT NULL,
  PRIMARY KEY (project_id, task, depends_on),
  FOREIGN KEY (project_id, task) REFERENCES tasks (project_id, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE TABLE attempts (
  project_id INTEGER NOT NULL,
  task TEXT NOT NULL,
  number INTEGER NOT NULL,
  agent TEXT NOT NULL,
  model TEXT,
  session TEXT,
  branch TEXT,
  worktree TEXT,
  run_directory TEXT,
  run_id TEXT,
  batch INTEGER,
  base_commit TEXT,
  head_commit TEXT,
  plan_hash INTEGER,
  turn INTEGER NOT NULL DEFAULT 0,
  phase TEXT,
  outcome TEXT,
  failure_class TEXT,
  failure_detail TEXT,
  preserved_ref TEXT,
  started_at INTEGER NOT NULL,
  ended_at INTEGER,
  cost_micro INTEGER NOT NULL DEFAULT 0,
  tokens_input INTEGER NOT NULL DEFAULT 0,
  tokens_cache_write INTEGER NOT NULL DEFAULT 0,
  tokens_cache_read INTEGER NOT NULL DEFAULT 0,
  tokens_output INTEGER NOT NULL DEFAULT 0,
  seconds INTEGER NOT NULL DEFAULT 0, red_lines TEXT,
  PRIMARY KEY (project_id, task, number),
  FOREIGN KEY (project_id, task) REFERENCES tasks (project_id, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX attempts_open ON attempts (project_id, task) WHERE ended_at IS NULL;

CREATE TABLE turns (
  project_id INTEGER NOT NULL,
  task TEXT NOT NULL,
  attempt INTEGER NOT NULL,
  number INTEGER NOT NULL,
  purpose TEXT NOT NULL,
  run_directory TEXT,
  session TEXT,
  feedback_path TEXT,
  pid INTEGER,
  process_start INTEGER,
  exit TEXT,
  outcome TEXT,
  evidence TEXT,
  started_at INTEGER NOT NULL,
  ended_at INTEGER,
  cost_micro INTEGER NOT NULL DEFAULT 0,
  tokens_input INTEGER NOT NULL DEFAULT 0,
  tokens_cache_write INTEGER NOT NULL DEFAULT 0,
  tokens_cache_read INTEGER NOT NULL DEFAULT 0,
  tokens_output INTEGER NOT NULL DEFAULT 0,
  seconds INTEGER NOT NULL DEFAULT 0, agent TEXT, model TEXT, message TEXT, reserved_micro INTEGER, reserved_tokens INTEGER, reserved_seconds INTEGER,
  PRIMARY KEY (project_id, task, attempt, number),
  FOREIGN KEY (project_id, task, attempt) REFERENCES attempts (project_id, task, number) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE TABLE evidence (
  project_id INTEGER NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
  tree TEXT NOT NULL,
  gate TEXT NOT NULL,
  passed INTEGER NOT NULL,
  ran_at INTEGER NOT NULL,
  duration_ms INTEGER NOT NULL,
  log_path TEXT,
  detail TEXT,
  PRIMARY KEY (project_id, tree, gate)
) STRICT, WITHOUT ROWID;

CREATE TABLE changes (
  project_id INTEGER NOT NULL,
  number INTEGER NOT NULL,
  task TEXT NOT NULL,
  attempt INTEGER NOT NULL,
  title TEXT NOT NULL,
  body TEXT NOT NULL,
  branch TEXT NOT NULL,
  base_branch TEXT NOT NULL,
  base_commit TEXT NOT NULL,
  head_commit TEXT NOT NULL,
  state TEXT NOT NULL,
  verdict TEXT,
  needs_human INTEGER NOT NULL,
  forge TEXT NOT NULL,
  forge_number INTEGER,
  url TEXT,
  approved_by TEXT,
  rejected_reason TEXT,
  landing_commit TEXT,
  landing_base TEXT,
  tested_tree TEXT,
  landed_tree TEXT,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL, landing_tip TEXT,
  PRIMARY KEY (project_id, number),
  FOREIGN KEY (project_id, task) REFERENCES tasks (project_id, id) ON DELETE CASCADE
) STRICT;

CREATE UNIQUE INDEX changes_unfinished ON changes (project_id, task) WHERE state NOT IN ('merged', 'closed');

CREATE INDEX changes_task ON changes (project_id, task);

CREATE TABLE events (
  seq INTEGER PRIMARY KEY,
  project_id INTEGER NOT NULL REFERENCES projects (id),
  at INTEGER NOT NULL,
  type TEXT NOT NULL,
  task TEXT,
  attempt INTEGER,
  data TEXT NOT NULL,
  prev_hash TEXT NOT NULL,
  hash TEXT NOT NULL
) STRICT;

CREATE INDEX events_project ON events (project_id);

CREATE INDEX events_task ON events (project_id, task) WHERE task IS NOT NULL;

CREATE TRIGGER events_are_fixed BEFORE UPDATE ON events
  BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;

CREATE TABLE budgets (
  project_id INTEGER NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
  scope TEXT NOT NULL,
  key TEXT NOT NULL,
  spent_micro INTEGER NOT NULL DEFAULT 0,
  tokens_input INTEGER NOT NULL DEFAULT 0,
  tokens_cache_write INTEGER NOT NULL DEFAULT 0,
  tokens_cache_read INTEGER NOT NULL DEFAULT 0,
  tokens_output INTEGER NOT NULL DEFAULT 0,
  seconds INTEGER NOT NULL DEFAULT 0,
  limit_micro INTEGER,
  updated_at INTEGER NOT NULL,
  PRIMARY KEY (project_id, scope, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE batches (
  id INTEGER PRIMARY KEY,
  project_id INTEGER NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  started_at INTEGER NOT NULL,
  ended_at INTEGER,
  outcome TEXT,
  started INTEGER NOT NULL DEFAULT 0,
  complete INTEGER NOT NULL DEFAULT 0,
  in_review INTEGER NOT NULL DEFAULT 0,
  parked INTEGER NOT NULL DEFAULT 0,
  failed INTEGER NOT NULL DEFAULT 0,
  cost_micro INTEGER NOT NULL DEFAULT 0,
  log_path TEXT
, work TEXT NOT NULL DEFAULT 'tasks', due_at INTEGER, missed INTEGER NOT NULL DEFAULT 0, missed_until INTEGER) STRICT;

CREATE INDEX batches_project ON batches (project_id);

CREATE TABLE requests (
  seq INTEGER PRIMARY KEY,
  project_id INTEGER NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
  kind TEXT NOT NULL,
  task TEXT,
  argument TEXT,
  created_at INTEGER NOT NULL,
  handled_at INTEGER,
  outcome TEXT
) STRICT;

CREATE INDEX requests_pending ON requests (project_id) WHERE handled_at IS NULL;

CREATE TABLE cooldowns (
  project_id INTEGER NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
  agent TEXT NOT NULL,
  model TEXT NOT NULL,
  failure_class TEXT NOT NULL,
  reason TEXT NOT NULL,
  since INTEGER NOT NULL,
  until INTEGER NOT NULL,
  named INTEGER NOT NULL,
  guesses INTEGER NOT NULL,
  PRIMARY KEY (project_id, agent, model)
) STRICT, WITHOUT ROWID;

CREATE TABLE intents (
  project_id INTEGER NOT NULL,
  kind TEXT NOT NULL,
  key TEXT NOT NULL,
  task TEXT NOT NULL,
  attempt INTEGER NOT NULL,
  made_at INTEGER NOT NULL,
  PRIMARY KEY (project_id, kind, key),
  FOREIGN KEY (project_id, task, attempt) REFERENCES attempts (project_id, task, number) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE TABLE budget_notices (
  project_id INTEGER NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
  scope TEXT NOT NULL,
  key TEXT NOT NULL,
  measure TEXT NOT NULL,
  percent INTEGER NOT NULL,
  limit_value INTEGER NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (project_id, scope, key, measure, percent, limit_value)
) STRICT, WITHOUT ROWID;

CREATE TABLE progress (
  project_id INTEGER NOT NULL,
  task TEXT NOT NULL,
  attempt INTEGER NOT NULL,
  head TEXT,
  at INTEGER NOT NULL,
  cost_micro INTEGER NOT NULL,
  tokens_input INTEGER NOT NULL,
  tokens_cache_write INTEGER NOT NULL,
  tokens_cache_read INTEGER NOT NULL,
  tokens_output INTEGER NOT NULL,
  seconds INTEGER NOT NULL,
  PRIMARY KEY (project_id, task, attempt),
  FOREIGN KEY (project_id, task, attempt) REFERENCES attempts (project_id, task, number) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE TABLE port_ranges (
  project_id INTEGER NOT NULL,
  task TEXT NOT NULL,
  attempt INTEGER NOT NULL,
  first INTEGER NOT NULL,
  count INTEGER NOT NULL,
  PRIMARY KEY (project_id, task, attempt),
  FOREIGN KEY (project_id, task, attempt) REFERENCES attempts (project_id, task, number) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE TABLE worktree_sizes (
  project_id INTEGER NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
  path TEXT NOT NULL,
  bytes INTEGER NOT NULL,
  measured_at INTEGER NOT NULL,
  PRIMARY KEY (project_id, path)
) STRICT, WITHOUT ROWID;

CREATE TABLE reclaimed (
  project_id INTEGER NOT NULL,
  task TEXT NOT NULL,
  attempt INTEGER NOT NULL,
  ref TEXT NOT NULL,
  round INTEGER NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (project_id, task, attempt),
  FOREIGN KEY (project_id, task, attempt) REFERENCES attempts (project_id, task, number) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE TABLE forge_facts (
  project_id INTEGER NOT NULL,
  change INTEGER NOT NULL,
  fact TEXT NOT NULL,
  told_at INTEGER NOT NULL,
  PRIMARY KEY (project_id, change, fact),
  FOREIGN KEY (project_id, change) REFERENCES changes (project_id, number) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE TABLE forge_requests (
  project_id INTEGER NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
  hour INTEGER NOT NULL,
  requests INTEGER NOT NULL,
  unchanged INTEGER NOT NULL,
  refused INTEGER NOT NULL,
  failed INTEGER NOT NULL,
  rate_limit INTEGER,
  remaining INTEGER,
  PRIMARY KEY (project_id, hour)
) STRICT, WITHOUT ROWID;

CREATE TABLE queue_entries (
  project_id INTEGER NOT NULL,
  change INTEGER NOT NULL,
  state TEXT NOT NULL,
  entered_at INTEGER NOT NULL,
  since INTEGER NOT NULL,
  reason TEXT,
  base TEXT,
  stage TEXT,
  is_flaky INTEGER NOT NULL,
  PRIMARY KEY (project_id, change),
  FOREIGN KEY (project_id, change) REFERENCES changes (project_id, number) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE TABLE conflicts (
  project_id INTEGER NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
  later TEXT NOT NULL,
  earlier TEXT NOT NULL,
  later_head TEXT NOT NULL,
  earlier_head TEXT NOT NULL,
  files TEXT NOT NULL,
  found_at INTEGER NOT NULL,
  PRIMARY KEY (project_id, later, earlier)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX batches_due ON batches (project_id, name, due_at) WHERE due_at IS NOT NULL;

CREATE TABLE batch_schedules (
  project_id INTEGER NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  schedule TEXT NOT NULL,
  known_since INTEGER NOT NULL,
  PRIMARY KEY (project_id, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE heartbeats (
  id INTEGER PRIMARY KEY,
  project_id INTEGER NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
  who TEXT NOT NULL,
  began_at INTEGER NOT NULL,
  last_at INTEGER NOT NULL,
  ended_at INTEGER
) STRICT;

CREATE INDEX heartbeats_project ON heartbeats (project_id, last_at);

CREATE TABLE served_projects (
  project_id INTEGER PRIMARY KEY REFERENCES projects (id) ON DELETE CASCADE,
  config TEXT,
  added_at INTEGER NOT NULL
) STRICT;

CREATE TABLE submitted_runs (
  number INTEGER PRIMARY KEY,
  project_id INTEGER NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
  asked_by TEXT NOT NULL,
  tasks TEXT,
  module TEXT,
  task_count INTEGER,
  max_parallel INTEGER,
  agent TEXT,
  model TEXT,
  max_duration_ms INTEGER,
  max_cost_micro INTEGER,
  created_at INTEGER NOT NULL,
  started TEXT NOT NULL,
  ended_at INTEGER,
  exit_status INTEGER,
  summary TEXT
) STRICT;

CREATE INDEX submitted_runs_open ON submitted_runs (project_id) WHERE ended_at IS NULL;

CREATE TABLE messages (
  number INTEGER PRIMARY KEY,
  project_id INTEGER NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
  task TEXT NOT NULL,
  sender TEXT NOT NULL,
  text TEXT NOT NULL,
  sent_at INTEGER NOT NULL,
  delivered_at INTEGER,
  attempt INTEGER,
  turn INTEGER
) STRICT;

CREATE INDEX messages_waiting ON messages (project_id, task) WHERE delivered_at IS NULL;

CREATE TABLE event_checkpoints (
  project_id INTEGER NOT NULL REFERENCES projects (id),
  until_seq INTEGER NOT NULL,
  events INTEGER NOT NULL,
  head TEXT NOT NULL,
  PRIMARY KEY (project_id, until_seq)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER event_checkpoints_fit BEFORE INSERT ON event_checkpoints
  WHEN NEW.head IS NOT (SELECT hash FROM events WHERE seq = NEW.until_seq AND project_id = NEW.project_id)
  BEGIN SELECT RAISE(ABORT, 'a checkpoint must be the hash of an event'); END;

CREATE TRIGGER event_checkpoints_are_kept BEFORE DELETE ON event_checkpoints
  BEGIN SELECT RAISE(ABORT, 'checkpoints are append-only'); END;

CREATE TRIGGER event_checkpoints_are_fixed BEFORE UPDATE ON event_checkpoints
  BEGIN SELECT RAISE(ABORT, 'checkpoints are append-only'); END;

CREATE TRIGGER events_are_kept BEFORE DELETE ON events
  WHEN OLD.seq > coalesce(
    (SELECT max(until_seq) FROM event_checkpoints WHERE project_id = OLD.project_id), 0)
  BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;

CREATE TABLE notices (
  id INTEGER PRIMARY KEY,
  project_id INTEGER NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
  channel TEXT NOT NULL,
  kind TEXT NOT NULL,
  key TEXT NOT NULL,
  title TEXT NOT NULL,
  body TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  not_before INTEGER NOT NULL,
  tries INTEGER NOT NULL DEFAULT 0,
  problem TEXT,
  sent_at INTEGER,
  given_up_at INTEGER
) STRICT;

CREATE UNIQUE INDEX notices_key ON notices (project_id, channel, key);

CREATE INDEX notices_waiting ON notices (project_id, channel, id) WHERE sent_at IS NULL AND given_up_at IS NULL;

CREATE TABLE notice_marks (
  project_id INTEGER PRIMARY KEY REFERENCES projects (id) ON DELETE CASCADE,
  event INTEGER NOT NULL
) STRICT;

CREATE TABLE questions (
  number INTEGER PRIMARY KEY,
  project_id INTEGER NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
  task TEXT NOT NULL,
  text TEXT NOT NULL,
  asked_at INTEGER NOT NULL,
  message INTEGER REFERENCES messages (number) ON DELETE SET NULL
) STRICT;

CREATE INDEX questions_open ON questions (project_id, task) WHERE message IS NULL;

CREATE INDEX tasks_live ON tasks (project_id, id)
  WHERE removed_at IS NULL AND state <> 'blocked' AND state <> 'ready' AND state <> 'complete';
