-- Schema 3: who leads. An engine's epoch is in every write of it and goes to every attempt it
-- begins; one that has been succeeded writes nothing any more.

PRAGMA user_version = 3;

-- `expires_at` is by the database's clock. The pair is a key so that a server locks the row against
-- a successor, and not against its own holder's renewals, while a transaction of the epoch is open.
CREATE TABLE leases (
  name       TEXT PRIMARY KEY,
  holder     TEXT NOT NULL,
  epoch      INTEGER NOT NULL CHECK (epoch >= 1),
  expires_at INTEGER NOT NULL,
  UNIQUE (name, epoch)
) STRICT;
