-- What PostgreSQL needs before the first step: SQLite's functions under their names, and what
-- SQLite keeps in the head of its file.

-- How many steps the schema has behind it.
CREATE TABLE suho_schema (
  one     BIGINT PRIMARY KEY CHECK (one = 1),
  version BIGINT NOT NULL
);
INSERT INTO suho_schema VALUES (1, 0);

-- What is no JSON is refused by the cast itself.
CREATE FUNCTION json_valid(written TEXT) RETURNS BOOLEAN LANGUAGE sql IMMUTABLE STRICT
AS $$ SELECT written::json IS NOT NULL $$;

CREATE FUNCTION json_array_length(written TEXT, place TEXT) RETURNS BIGINT LANGUAGE sql IMMUTABLE STRICT
AS $$ SELECT jsonb_array_length(jsonb_path_query_first(written::jsonb, place::jsonpath))::bigint $$;

CREATE FUNCTION glob(pattern TEXT, written TEXT) RETURNS BOOLEAN LANGUAGE sql IMMUTABLE STRICT
AS $$ SELECT written ~ ('^' || replace(replace(pattern, '?', '.'), '*', '.*') || '$') $$;

CREATE FUNCTION hex(bytes BYTEA) RETURNS TEXT LANGUAGE sql IMMUTABLE STRICT
AS $$ SELECT encode(bytes, 'hex') $$;

-- Of 16 bytes, which is all that is asked for.
CREATE FUNCTION randomblob(bytes BIGINT) RETURNS BYTEA LANGUAGE sql VOLATILE STRICT
AS $$ SELECT decode(replace(gen_random_uuid()::text, '-', ''), 'hex') $$;

-- Says no, in the words that the trigger gives.
CREATE FUNCTION refuse() RETURNS TRIGGER LANGUAGE plpgsql
AS $$ BEGIN RAISE EXCEPTION '%', TG_ARGV[0]; END $$;

-- The most rows that a table ever had, which outlives the rows: it shows when the end was cut off.
CREATE TABLE counters (
  name TEXT PRIMARY KEY,
  seq  BIGINT NOT NULL
);
CREATE FUNCTION count_up() RETURNS TRIGGER LANGUAGE plpgsql
AS $$ BEGIN
  INSERT INTO counters VALUES (TG_TABLE_NAME, NEW.seq)
  ON CONFLICT (name) DO UPDATE SET seq = greatest(counters.seq, excluded.seq);
  RETURN NULL;
END $$;

-- Microseconds since 1970 by the database's clock, which is the only one that leases go by.
CREATE FUNCTION now_us() RETURNS BIGINT LANGUAGE sql VOLATILE
AS $$ SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint $$;
