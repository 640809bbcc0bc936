//! The database: event log, runs, step cache, registry. The only crate that links sqlx.
//!
//! [`SqliteStore`] is one file, `suho.db`, in the state folder: one writer, whose every
//! transaction begins `IMMEDIATE`, and a few readers that cannot write. It implements the engine's
//! [`Store`](suho_driver::ports::Store) and answers the questions of the command line. What it
//! reads of the registry it holds against that row's own history first.
//!
//! Times: what the registry says of models, rollouts and routes is by the environment's clock;
//! runs, events, the step cache, requests and the audit log keep the wall clock.
//!
//! Every statement is written once, as [`query`] for a [`connection`] of whichever database, in the
//! words that SQLite and PostgreSQL share. sqlx's own `Any` was looked at and left: it opens a database
//! by nothing but a URL, which has no place for half of what [`open`] sets, it copies every row
//! out, column by column, before anybody asks for one, and hides the connection that a transaction
//! has to be told from. Generics over sqlx's `Database` put a page of bounds before every function.
//!
//! This crate decides nothing about pipelines or rollouts; it refuses what contradicts the
//! schema's invariants and otherwise keeps what it is given.

pub mod address;
mod applications;
pub mod ask;
mod audit;
mod cache;
mod claims;
mod connection;
mod custody;
mod daemon;
mod dialect;
mod error;
mod evidence;
mod fields;
mod file;
mod history;
mod lease;
mod lock;
mod log;
mod models;
mod moves;
mod open;
mod people;
mod port;
mod predictions;
mod queries;
mod query;
mod requests;
mod rollouts;
mod routes;
mod rows;
mod runs;
mod schedules;
mod schema;
mod server;
mod slots;
mod store;
mod submissions;
mod transaction;
mod verify;

pub use applications::{Application, NewApplication};
pub use claims::{ClaimRow, Push};
pub use custody::Alarm;
pub use lock::is_engine_at_work;
pub use open::Access;
pub use people::Wish;
pub use queries::DeploymentsOf;
pub use rows::{Evaluation, ModelFilter, Notice, Route, RunFilter, Transition};
pub use schedules::{DamagedSchedule, DecisionRow, ScheduleChange, ScheduleRow, Unsettled};
pub use store::SqliteStore;
pub use submissions::{Submission, SubmissionKey};
pub use verify::Verification;

#[cfg(test)]
mod tests;
