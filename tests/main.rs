//! The end-to-end tests.

mod steps;
