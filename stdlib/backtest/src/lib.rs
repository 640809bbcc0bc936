//! Positions, costs, equity. Pure.
