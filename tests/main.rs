//! The end-to-end tests.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod cli;
mod tidy;
