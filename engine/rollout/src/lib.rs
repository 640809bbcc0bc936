//! Shadow, canary, ramp and rollback: evidence in, traffic out. Pure.
