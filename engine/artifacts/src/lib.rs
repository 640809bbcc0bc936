//! Artifacts: put once, verify, list. The only crate that links object_store.
