-- Schema 2: what a daemon follows: the text in force, its schedules and their decisions, the runs
-- that were asked for, and what it has to tell.

PRAGMA user_version = 2;

-- Every text that came into force, whole: a daemon that finds the files broken goes on with it.
CREATE TABLE applications (
  application_id INTEGER PRIMARY KEY AUTOINCREMENT,
  environment    TEXT NOT NULL,
  digest         TEXT NOT NULL,
  origin         TEXT NOT NULL,
  revision       TEXT,
  files          TEXT NOT NULL CHECK (json_valid(files)),
  applied_by     TEXT NOT NULL,
  applied_at     INTEGER NOT NULL
) STRICT;
CREATE INDEX applications_of ON applications (environment, application_id);

-- A schedule as it stands: its state is that of the pure machine, its plan is what its runs carry
-- out. A schedule that no text declares any more keeps its row, so that no tick is judged twice.
CREATE TABLE schedules (
  schedule_id    INTEGER PRIMARY KEY AUTOINCREMENT,
  environment    TEXT NOT NULL,
  scope_key      TEXT NOT NULL,
  pipeline       TEXT NOT NULL,
  name           TEXT NOT NULL,
  state          TEXT NOT NULL CHECK (json_valid(state)),
  plan_digest    TEXT NOT NULL,
  plan           TEXT NOT NULL CHECK (json_valid(plan)),
  application_id INTEGER NOT NULL REFERENCES applications(application_id),
  row_version    INTEGER NOT NULL DEFAULT 1,
  UNIQUE (environment, scope_key, pipeline, name)
) STRICT;

CREATE TABLE schedule_events (
  schedule_id INTEGER NOT NULL REFERENCES schedules(schedule_id),
  seq         INTEGER NOT NULL CHECK (seq >= 1),
  kind        TEXT NOT NULL,
  payload     TEXT NOT NULL CHECK (json_valid(payload)),
  at          INTEGER NOT NULL,
  PRIMARY KEY (schedule_id, seq)
) STRICT, WITHOUT ROWID;

-- What became of each tick, or of ticks in a row that were skipped alike: exactly one row.
CREATE TABLE decisions (
  schedule_id INTEGER NOT NULL REFERENCES schedules(schedule_id),
  first       INTEGER NOT NULL,
  last        INTEGER NOT NULL CHECK (last >= first),
  ticks       INTEGER NOT NULL CHECK (ticks >= 1),
  choice      TEXT NOT NULL CHECK (choice IN ('run','skip')),
  reason      TEXT,
  not_before  INTEGER,
  decided_at  INTEGER NOT NULL,
  run_id      TEXT UNIQUE REFERENCES runs(run_id),
  settled_at  INTEGER,
  CHECK ((choice = 'run') = (not_before IS NOT NULL)),
  CHECK ((choice = 'skip') = (reason IS NOT NULL)),
  CHECK (choice = 'run' OR run_id IS NULL),
  PRIMARY KEY (schedule_id, first)
) STRICT, WITHOUT ROWID;
CREATE INDEX decisions_unsettled ON decisions (run_id) WHERE run_id IS NOT NULL AND settled_at IS NULL;

-- Runs that were asked for under a key: asked again, the answer is the same run.
CREATE TABLE submissions (
  idempotency_key TEXT PRIMARY KEY,
  body_digest     TEXT NOT NULL,
  run_id          TEXT NOT NULL REFERENCES runs(run_id),
  at              INTEGER NOT NULL
) STRICT;

-- Runs that the engine cannot carry on, and why: left alone until a person takes one up again.
CREATE TABLE quarantine (
  run_id TEXT PRIMARY KEY REFERENCES runs(run_id),
  why    TEXT NOT NULL,
  at     INTEGER NOT NULL
) STRICT;

-- What the daemon itself has to tell, beside the notices of runs.
CREATE TABLE alarms (
  alarm_id INTEGER PRIMARY KEY AUTOINCREMENT,
  severity TEXT NOT NULL CHECK (severity IN ('info','warning','critical')),
  code     TEXT NOT NULL,
  message  TEXT NOT NULL,
  at       INTEGER NOT NULL
) STRICT;

CREATE INDEX runs_open ON runs (environment, status) WHERE ended_at IS NULL;

CREATE TRIGGER schedule_events_are_final_u BEFORE UPDATE ON schedule_events BEGIN SELECT RAISE(ABORT, 'events are never changed'); END;
CREATE TRIGGER schedule_events_are_final_d BEFORE DELETE ON schedule_events BEGIN SELECT RAISE(ABORT, 'events are never removed'); END;
-- A decision stands: only its run and the run's end are entered, each once.
CREATE TRIGGER decisions_are_final_u BEFORE UPDATE ON decisions
WHEN NEW.last <> OLD.last OR NEW.choice <> OLD.choice OR NEW.decided_at <> OLD.decided_at
  OR (OLD.run_id IS NOT NULL AND NEW.run_id IS DISTINCT FROM OLD.run_id)
  OR (OLD.settled_at IS NOT NULL AND NEW.settled_at IS DISTINCT FROM OLD.settled_at)
BEGIN SELECT RAISE(ABORT, 'decisions are never changed'); END;
CREATE TRIGGER decisions_are_final_d BEFORE DELETE ON decisions BEGIN SELECT RAISE(ABORT, 'decisions are never removed'); END;
