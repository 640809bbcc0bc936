//! Tree to typed program and diagnostics.
