//! One step a file: thin glue from a signature to the crates that compute.
