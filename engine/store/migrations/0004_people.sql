-- Schema 4: what people hold. A request may be about a step; an environment's line may be stopped.

PRAGMA user_version = 4;

ALTER TABLE requests ADD COLUMN subject TEXT;

-- The line of an environment, everybody's way to production, as long as somebody has stopped it.
CREATE TABLE freezes (
  environment TEXT PRIMARY KEY,
  frozen_by   TEXT NOT NULL,
  why         TEXT NOT NULL,
  at          INTEGER NOT NULL
) STRICT;

-- What may not run at the same time as this run: the plan's `concurrency`, where it has one.
ALTER TABLE runs ADD COLUMN exclusion TEXT;
CREATE INDEX runs_exclusive ON runs (environment) WHERE ended_at IS NULL AND exclusion IS NOT NULL;

-- The newest commit of a followed branch whose pushes have been answered with runs.
CREATE TABLE heads (
  environment TEXT NOT NULL,
  branch      TEXT NOT NULL,
  revision    TEXT NOT NULL,
  at          INTEGER NOT NULL,
  PRIMARY KEY (environment, branch)
) STRICT;
