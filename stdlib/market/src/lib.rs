//! Bars, sources, snapshots, quality, labels, splits, leakage.
