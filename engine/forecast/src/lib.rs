//! A plan and facts to what would happen. Pure.
