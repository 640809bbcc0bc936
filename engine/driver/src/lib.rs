//! The loop: load, step, commit, dispatch; and the traits of the world around it.
