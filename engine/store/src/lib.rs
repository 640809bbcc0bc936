//! The database: event log, runs, step cache, registry. The only crate that links sqlx.
