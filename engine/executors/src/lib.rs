//! Where an attempt runs: a process with its shim.
