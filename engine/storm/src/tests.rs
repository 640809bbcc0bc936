//! A few hundred storms, and every planted bug.
