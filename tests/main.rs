//! The end-to-end tests: one binary, a module a subject.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod cli;
mod steps;
mod tidy;
