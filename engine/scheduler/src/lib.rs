//! What to do next, as a pure function of what has happened.
