//! The end-to-end tests: one binary, a module a subject.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod cli;
mod crash;
mod everything;
mod lsp;
mod own;
mod steps;
mod tidy;
