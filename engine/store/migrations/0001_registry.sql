-- Schema 1: the registry (domain §3), the event log, runs, the step cache, routes.
--
-- Times are INTEGER microseconds since 1970-01-01T00:00:00Z, shares INTEGER basis points, booleans
-- 0 or 1, structures TEXT holding JSON. `scope_key` exists because NULLs are distinct in unique
-- indexes. States that may grow (a run's, a rollout's) are not CHECK lists: SQLite can only
-- change one by rebuilding its table.
--
-- This is SQLite's text, in words that `src/dialect.rs` can say in PostgreSQL's.

PRAGMA application_id = 1937074287; -- 'suho'
PRAGMA user_version = 1;

-- One row, made once: ids of runs derive from it.
CREATE TABLE instance (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  id  TEXT NOT NULL
) STRICT;
INSERT INTO instance (one, id) VALUES (1, lower(hex(randomblob(16))));

CREATE TABLE runs (
  run_id      TEXT PRIMARY KEY,
  number      INTEGER NOT NULL CHECK (number >= 1),
  pipeline    TEXT NOT NULL,
  environment TEXT NOT NULL,
  status      TEXT NOT NULL,
  plan_digest TEXT NOT NULL,
  plan        TEXT NOT NULL CHECK (json_valid(plan)),
  as_of       INTEGER NOT NULL,
  created_at  INTEGER NOT NULL,
  created_by  TEXT NOT NULL,
  ended_at    INTEGER,
  UNIQUE (environment, pipeline, number)
) STRICT;
CREATE INDEX runs_unfinished ON runs (environment, pipeline, plan_digest) WHERE ended_at IS NULL;

-- The truth about every run; all else about it is derived.
CREATE TABLE events (
  run_id       TEXT NOT NULL REFERENCES runs(run_id),
  seq          INTEGER NOT NULL CHECK (seq >= 1),
  kind         TEXT NOT NULL,
  payload      TEXT NOT NULL CHECK (json_valid(payload)),
  recorded_at  INTEGER NOT NULL,
  effective_at INTEGER NOT NULL,
  PRIMARY KEY (run_id, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE step_cache (
  key      TEXT PRIMARY KEY,
  kind     TEXT NOT NULL,
  step     TEXT NOT NULL,
  pipeline TEXT NOT NULL,
  outputs  TEXT NOT NULL CHECK (json_valid(outputs)),
  inputs   TEXT NOT NULL CHECK (json_valid(inputs)),
  run_id   TEXT NOT NULL REFERENCES runs(run_id),
  made_at  INTEGER NOT NULL
) STRICT;
CREATE INDEX step_cache_of_step ON step_cache (pipeline, step);

CREATE TABLE requests (
  request_id  INTEGER PRIMARY KEY AUTOINCREMENT,
  run_id      TEXT NOT NULL REFERENCES runs(run_id),
  kind        TEXT NOT NULL,
  asked_by    TEXT NOT NULL,
  why         TEXT NOT NULL,
  asked_at    INTEGER NOT NULL,
  answered_at INTEGER
) STRICT;
CREATE INDEX requests_open ON requests (run_id) WHERE answered_at IS NULL;

CREATE TABLE dataset_snapshots (
  dataset_digest   TEXT PRIMARY KEY CHECK (glob('sha256:*', dataset_digest) AND length(dataset_digest)=71),
  scope_key        TEXT NOT NULL,
  model_name       TEXT NOT NULL,
  symbol           TEXT NOT NULL,
  timeframe        TEXT NOT NULL,
  range_start      INTEGER NOT NULL,
  range_end        INTEGER NOT NULL CHECK (range_end > range_start),
  as_of            INTEGER NOT NULL,
  row_count        INTEGER NOT NULL CHECK (row_count >= 0),
  feature_version  TEXT NOT NULL,
  columns_json     TEXT NOT NULL,
  source_uri       TEXT NOT NULL,
  manifest_uri     TEXT NOT NULL,
  created_at       INTEGER NOT NULL
) STRICT;

CREATE TABLE models (
  model_id         TEXT PRIMARY KEY,
  tenant_id        TEXT,
  user_id          TEXT,
  scope_key        TEXT NOT NULL GENERATED ALWAYS AS (
                     CASE WHEN tenant_id IS NULL THEN 'platform'
                          WHEN user_id IS NULL THEN 'tenant:' || tenant_id
                          ELSE 'user:' || tenant_id || '/' || user_id END) STORED,
  model_name       TEXT NOT NULL CHECK (glob('[a-z]*', model_name) AND NOT glob('*[^a-z0-9_]*', model_name) AND NOT glob('user_*', model_name) AND NOT glob('tenant_*', model_name)),
  target_symbol    TEXT NOT NULL,
  target_timeframe TEXT NOT NULL,
  prediction_horizon TEXT NOT NULL,
  v_major          INTEGER NOT NULL CHECK (v_major >= 0),
  v_minor          INTEGER NOT NULL CHECK (v_minor >= 0),
  v_patch          INTEGER NOT NULL CHECK (v_patch >= 0),
  version          TEXT NOT NULL GENERATED ALWAYS AS ('v' || CAST(v_major AS TEXT) || '.' || CAST(v_minor AS TEXT) || '.' || CAST(v_patch AS TEXT)) STORED,
  status           TEXT NOT NULL CHECK (status IN ('draft','training','testing','staging','canary','production','archived')),
  status_reason    TEXT,
  status_detail    TEXT,
  row_version      INTEGER NOT NULL DEFAULT 1,
  quarantined      INTEGER NOT NULL DEFAULT 0,
  pinned           INTEGER NOT NULL DEFAULT 0,
  parent_model_id  TEXT REFERENCES models(model_id),
  config_digest    TEXT NOT NULL,
  config_json      TEXT NOT NULL CHECK (json_valid(config_json)),
  architecture     TEXT NOT NULL,
  hyperparameters  TEXT NOT NULL,
  features_used    TEXT NOT NULL,
  feature_version  TEXT NOT NULL,
  dataset_digest   TEXT REFERENCES dataset_snapshots(dataset_digest),
  training_data    TEXT,
  metrics          TEXT,
  model_storage_path TEXT,
  artifact_digest  TEXT,
  seed             INTEGER NOT NULL,
  engine_version   TEXT NOT NULL,
  code_digest      TEXT NOT NULL,
  git_commit       TEXT,
  git_dirty        INTEGER NOT NULL DEFAULT 0,
  compute          TEXT,
  pipeline_run_id  TEXT,
  created_by       TEXT NOT NULL,
  created_at       INTEGER NOT NULL,
  trained_at       INTEGER,
  deployed_at      INTEGER,
  archived_at      INTEGER,
  CHECK (user_id IS NULL OR tenant_id IS NOT NULL),
  CHECK (status <> 'archived' OR status_reason IS NOT NULL),
  CHECK (status NOT IN ('testing','staging','canary','production') OR artifact_digest IS NOT NULL),
  UNIQUE (scope_key, model_name, v_major, v_minor, v_patch)
) STRICT;
CREATE UNIQUE INDEX models_one_production ON models (scope_key, model_name, target_symbol, target_timeframe) WHERE status = 'production';
CREATE UNIQUE INDEX models_one_canary     ON models (scope_key, model_name, target_symbol, target_timeframe) WHERE status = 'canary';
CREATE INDEX models_visible ON models (status, tenant_id, user_id, created_at DESC);

CREATE TABLE model_transitions (
  transition_id TEXT PRIMARY KEY,
  model_id      TEXT NOT NULL REFERENCES models(model_id),
  from_status   TEXT,
  to_status     TEXT NOT NULL,
  from_row_version INTEGER NOT NULL,
  reason        TEXT NOT NULL,
  detail        TEXT,
  actor         TEXT NOT NULL,
  run_id        TEXT,
  deployment_id TEXT,
  at            INTEGER NOT NULL,
  UNIQUE (model_id, from_row_version)
) STRICT;

CREATE TABLE training_jobs (
  job_id        TEXT PRIMARY KEY,
  job_name      TEXT NOT NULL,
  scope_key     TEXT NOT NULL,
  tenant_id     TEXT,
  user_id       TEXT,
  model_id      TEXT REFERENCES models(model_id),
  idempotency_key TEXT NOT NULL UNIQUE,
  status        TEXT NOT NULL CHECK (status IN ('queued','provisioning','extracting','running','evaluating','publishing','succeeded','failed','cancelled','timed_out')),
  attempt       INTEGER NOT NULL DEFAULT 1,
  max_attempts  INTEGER NOT NULL DEFAULT 1,
  trigger       TEXT NOT NULL,
  trigger_id    TEXT,
  model_config  TEXT NOT NULL,
  training_config TEXT NOT NULL,
  compute       TEXT NOT NULL,
  executor      TEXT NOT NULL,
  executor_ref  TEXT,
  epoch         INTEGER,
  epochs        INTEGER,
  progress      REAL,
  best_epoch    INTEGER,
  metrics       TEXT,
  error_kind    TEXT,
  error_message TEXT,
  checkpoint_uri TEXT,
  lease_owner   TEXT,
  lease_token   INTEGER NOT NULL DEFAULT 0,
  heartbeat_at  INTEGER,
  timeout_at    INTEGER,
  queued_at     INTEGER NOT NULL,
  started_at    INTEGER,
  finished_at   INTEGER
) STRICT;

CREATE TABLE model_evaluations (
  evaluation_id TEXT PRIMARY KEY,
  model_id      TEXT NOT NULL REFERENCES models(model_id),
  kind          TEXT NOT NULL CHECK (kind IN ('validation','test','walk_forward','backtest','latency','leakage','integration','shadow')),
  dataset_digest TEXT REFERENCES dataset_snapshots(dataset_digest),
  window_start  INTEGER,
  window_end    INTEGER,
  baseline_model_id TEXT REFERENCES models(model_id),
  metrics       TEXT NOT NULL,
  baseline_metrics TEXT,
  spec_digest   TEXT NOT NULL,
  report_uri    TEXT,
  verdict       TEXT NOT NULL CHECK (verdict IN ('pass','fail','error','none')),
  run_id        TEXT,
  created_at    INTEGER NOT NULL
) STRICT;
-- An evaluation without data is still one row: NULLs would be distinct in a plain UNIQUE.
CREATE UNIQUE INDEX evaluations_once ON model_evaluations (model_id, kind, spec_digest, coalesce(dataset_digest, ''));

CREATE TABLE model_deployments (
  deployment_id TEXT PRIMARY KEY,
  scope_key     TEXT NOT NULL,
  model_name    TEXT NOT NULL,
  target_symbol TEXT NOT NULL,
  target_timeframe TEXT NOT NULL,
  model_id      TEXT NOT NULL REFERENCES models(model_id),
  baseline_model_id TEXT REFERENCES models(model_id),
  environment   TEXT NOT NULL CHECK (environment IN ('staging','production')),
  deployment_type TEXT NOT NULL,
  status        TEXT NOT NULL,
  step_index    INTEGER NOT NULL DEFAULT 0,
  traffic_bp    INTEGER NOT NULL CHECK (traffic_bp BETWEEN 0 AND 10000),
  traffic_percentage REAL NOT NULL GENERATED ALWAYS AS (traffic_bp / 100.0) STORED,
  routing_salt  TEXT NOT NULL,
  routing_epoch INTEGER NOT NULL DEFAULT 0,
  spec          TEXT NOT NULL,
  success_criteria TEXT NOT NULL,
  analysis_state TEXT NOT NULL,
  step_deadline INTEGER,
  max_deadline  INTEGER,
  paused_at     INTEGER,
  pause_reason  TEXT,
  accrued_us    INTEGER NOT NULL DEFAULT 0,
  decision      TEXT,
  decision_reason TEXT,
  row_version   INTEGER NOT NULL DEFAULT 1,
  run_id        TEXT NOT NULL,
  created_at    INTEGER NOT NULL,
  deployed_at   INTEGER,
  finished_at   INTEGER,
  CHECK ((decision IS NULL) = (finished_at IS NULL))
) STRICT;
-- The slot's lock: a rollout that is not over.
CREATE UNIQUE INDEX deployments_one_live ON model_deployments (scope_key, model_name, target_symbol, target_timeframe, environment)
  WHERE finished_at IS NULL;
CREATE INDEX deployments_of_model ON model_deployments (model_id);
CREATE INDEX deployments_of_run ON model_deployments (run_id);

-- Who serves a slot, generation after generation; the last one counts.
CREATE TABLE routes (
  scope_key           TEXT NOT NULL,
  model_name          TEXT NOT NULL,
  target_symbol       TEXT NOT NULL,
  target_timeframe    TEXT NOT NULL,
  generation          INTEGER NOT NULL CHECK (generation >= 1),
  production_model_id TEXT REFERENCES models(model_id),
  candidate_model_id  TEXT REFERENCES models(model_id),
  candidate_bp        INTEGER NOT NULL CHECK (candidate_bp BETWEEN 0 AND 10000),
  deployment_id       TEXT REFERENCES model_deployments(deployment_id),
  run_id              TEXT NOT NULL,
  at                  INTEGER NOT NULL,
  CHECK (candidate_model_id IS NOT NULL OR candidate_bp = 0),
  PRIMARY KEY (scope_key, model_name, target_symbol, target_timeframe, generation)
) STRICT, WITHOUT ROWID;

CREATE TABLE notices (
  notice_id INTEGER PRIMARY KEY AUTOINCREMENT,
  severity  TEXT NOT NULL CHECK (severity IN ('info','warning','critical')),
  message   TEXT NOT NULL,
  model_id  TEXT REFERENCES models(model_id),
  run_id    TEXT NOT NULL REFERENCES runs(run_id),
  at        INTEGER NOT NULL
) STRICT;

CREATE TABLE predictions (
  prediction_id TEXT GENERATED ALWAYS AS (request_id || '/' || model_id) VIRTUAL,
  request_id    TEXT NOT NULL,
  time          INTEGER NOT NULL,
  event_time    INTEGER NOT NULL,
  tenant_id     TEXT,
  user_id       TEXT,
  unit          TEXT NOT NULL,
  model_id      TEXT NOT NULL REFERENCES models(model_id),
  deployment_id TEXT REFERENCES model_deployments(deployment_id),
  arm           TEXT NOT NULL CHECK (arm IN ('baseline','canary','shadow')),
  served        INTEGER NOT NULL,
  bucket        INTEGER NOT NULL CHECK (bucket BETWEEN 0 AND 9999),
  symbol        TEXT NOT NULL,
  timeframe     TEXT NOT NULL,
  horizon_us    INTEGER NOT NULL,
  label_due_at  INTEGER NOT NULL,
  predicted_class INTEGER NOT NULL CHECK (predicted_class IN (-1,0,1)),
  prob_down REAL NOT NULL, prob_flat REAL NOT NULL, prob_up REAL NOT NULL,
  confidence_score REAL NOT NULL,
  inference_latency_ms REAL NOT NULL,
  cache_hit     INTEGER NOT NULL DEFAULT 0,
  error_code    TEXT,
  features_digest TEXT,
  actual_class  INTEGER CHECK (actual_class IN (-1,0,1)),
  direction_correct INTEGER,
  label_version INTEGER NOT NULL DEFAULT 0,
  labeled_at    INTEGER,
  -- An answer is right or wrong once its label is known; no answer is neither.
  CHECK ((actual_class IS NULL OR error_code IS NOT NULL) = (direction_correct IS NULL)),
  UNIQUE (request_id, model_id)
) STRICT;
CREATE INDEX predictions_of_deployment ON predictions (deployment_id, event_time);
CREATE INDEX predictions_model_time ON predictions (model_id, time);
CREATE INDEX predictions_unlabeled ON predictions (label_due_at) WHERE actual_class IS NULL AND error_code IS NULL;

CREATE TABLE drift_reports (
  report_id     TEXT PRIMARY KEY,
  model_id      TEXT NOT NULL REFERENCES models(model_id),
  window_start  INTEGER NOT NULL,
  window_end    INTEGER NOT NULL,
  reference_digest TEXT NOT NULL,
  spec_digest   TEXT NOT NULL,
  n_features    INTEGER NOT NULL,
  n_tested      INTEGER NOT NULL,
  n_drifted     INTEGER NOT NULL,
  share_drifted REAL NOT NULL,
  n_reference   INTEGER NOT NULL,
  n_current     INTEGER NOT NULL,
  dataset_drift INTEGER NOT NULL,
  verdict       TEXT NOT NULL CHECK (verdict IN ('ok','warning','drift','insufficient_data','error')),
  features      TEXT NOT NULL,
  created_at    INTEGER NOT NULL,
  UNIQUE (model_id, window_end, spec_digest)
) STRICT;

CREATE TABLE alerts (
  alert_id      TEXT PRIMARY KEY,
  fingerprint   TEXT NOT NULL,
  rule_name     TEXT NOT NULL,
  rule_digest   TEXT NOT NULL,
  alert_type    TEXT NOT NULL,
  severity      TEXT NOT NULL CHECK (severity IN ('info','warning','critical')),
  state         TEXT NOT NULL CHECK (state IN ('pending','firing','resolved')),
  model_id      TEXT REFERENCES models(model_id),
  deployment_id TEXT,
  labels        TEXT NOT NULL,
  message       TEXT NOT NULL,
  value         REAL,
  threshold     REAL,
  active_at     INTEGER NOT NULL,
  fired_at      INTEGER,
  last_true_at  INTEGER,
  resolved_at   INTEGER,
  last_sent_at  INTEGER,
  acked_by      TEXT,
  action        TEXT,
  action_key    TEXT UNIQUE,
  action_status TEXT
) STRICT;
CREATE UNIQUE INDEX alerts_one_active ON alerts (fingerprint) WHERE state IN ('pending','firing');

CREATE TABLE retrain_requests (
  request_id    TEXT PRIMARY KEY,
  scope_key     TEXT NOT NULL,
  model_name    TEXT NOT NULL,
  target_symbol TEXT NOT NULL,
  target_timeframe TEXT NOT NULL,
  trigger       TEXT NOT NULL CHECK (trigger IN ('scheduled','performance_degradation','data_drift','manual','backfill')),
  dedupe_key    TEXT NOT NULL UNIQUE,
  priority      INTEGER NOT NULL,
  status        TEXT NOT NULL CHECK (status IN ('pending','running','coalesced','suppressed','done','failed')),
  coalesced_into TEXT REFERENCES retrain_requests(request_id),
  evidence      TEXT NOT NULL,
  requested_by  TEXT NOT NULL,
  requested_at  INTEGER NOT NULL,
  not_before    INTEGER NOT NULL,
  run_id        TEXT,
  result_model_id TEXT REFERENCES models(model_id),
  finished_at   INTEGER
) STRICT;
CREATE UNIQUE INDEX retrain_one_running ON retrain_requests (scope_key, model_name, target_symbol, target_timeframe) WHERE status = 'running';
CREATE UNIQUE INDEX retrain_one_pending ON retrain_requests (scope_key, model_name, target_symbol, target_timeframe) WHERE status = 'pending';

CREATE TABLE audit_log (
  seq        INTEGER PRIMARY KEY AUTOINCREMENT,
  at         INTEGER NOT NULL,
  actor      TEXT NOT NULL,
  actor_kind TEXT NOT NULL CHECK (actor_kind IN ('user','engine','ci','system')),
  tenant_id  TEXT,
  action     TEXT NOT NULL,
  object_type TEXT NOT NULL,
  object_id  TEXT NOT NULL,
  decision   TEXT NOT NULL CHECK (decision IN ('allow','deny')),
  before     TEXT,
  after      TEXT,
  reason     TEXT,
  request_id TEXT,
  prev_hash  TEXT NOT NULL,
  hash       TEXT NOT NULL UNIQUE
) STRICT;
CREATE INDEX audit_by_object ON audit_log (object_type, object_id, seq);

-- History is written once. Whoever wants to change it has to drop these first, and is found out by
-- the chain of hashes.
CREATE TRIGGER events_are_final_u BEFORE UPDATE ON events BEGIN SELECT RAISE(ABORT, 'events are never changed'); END;
CREATE TRIGGER events_are_final_d BEFORE DELETE ON events BEGIN SELECT RAISE(ABORT, 'events are never removed'); END;
CREATE TRIGGER transitions_are_final_u BEFORE UPDATE ON model_transitions BEGIN SELECT RAISE(ABORT, 'transitions are never changed'); END;
CREATE TRIGGER transitions_are_final_d BEFORE DELETE ON model_transitions BEGIN SELECT RAISE(ABORT, 'transitions are never removed'); END;
CREATE TRIGGER audit_is_final_u BEFORE UPDATE ON audit_log BEGIN SELECT RAISE(ABORT, 'the audit log is never changed'); END;
CREATE TRIGGER audit_is_final_d BEFORE DELETE ON audit_log BEGIN SELECT RAISE(ABORT, 'the audit log is never shortened'); END;
-- What a model is never changes once it is known (domain I5).
CREATE TRIGGER models_are_final BEFORE UPDATE ON models
WHEN NEW.v_major <> OLD.v_major OR NEW.v_minor <> OLD.v_minor OR NEW.v_patch <> OLD.v_patch
  OR NEW.config_digest <> OLD.config_digest OR NEW.seed <> OLD.seed
  OR (OLD.artifact_digest IS NOT NULL AND NEW.artifact_digest IS DISTINCT FROM OLD.artifact_digest)
  OR (OLD.dataset_digest IS NOT NULL AND NEW.dataset_digest IS DISTINCT FROM OLD.dataset_digest)
BEGIN SELECT RAISE(ABORT, 'what a model is made of never changes'); END;
