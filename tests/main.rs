//! The end-to-end tests.

mod crash;
