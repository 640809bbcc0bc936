//! The indicator catalogue. Pure.
