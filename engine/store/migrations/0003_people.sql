-- Schema 3: what people hold. A request may be about a step; an environment's line may be stopped.

PRAGMA user_version = 3;

ALTER TABLE requests ADD COLUMN subject TEXT;

-- The line of an environment, everybody's way to production, as long as somebody has stopped it.
CREATE TABLE freezes (
  environment TEXT PRIMARY KEY,
  frozen_by   TEXT NOT NULL,
  why         TEXT NOT NULL,
  at          INTEGER NOT NULL
) STRICT;
