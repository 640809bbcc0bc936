//! Text to tree and errors; the formatter. Never fails.
