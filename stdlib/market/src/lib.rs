//! Bars, sources, snapshots, quality, labels, splits, leakage.
//!
//! The way of the data: [`read_files`], [`clickhouse`] or a [`Table`] of another database gives
//! [`Bars`] as they stand there; [`judge`] holds them to the contract of quality and repairs what it
//! may; [`freeze`] keeps them under a digest of their values and [`thaw`] verifies it; [`labels()`]
//! and [`Split`] make of them what a model learns from; [`leakage::scan`] looks for what it must not
//! know. Arrow, Parquet and HTTP stay inside.

mod as_of;
mod bars;
pub mod clickhouse;
mod columns;
mod convert;
mod describe;
mod labels;
pub mod leakage;
mod quality;
mod resample;
mod snapshot;
mod source;
mod split;

pub use as_of::{as_of, bars_as_of};
pub use bars::{Bar, Bars};
pub use columns::encode_columns;
pub use convert::{ConvertError, convert, to_csv};
pub use describe::{Description, PriceRange, YearCount, describe};
pub use labels::{
    Class, Label, LabelError, LabelRule, SIGMA_BARS, classify, horizon_bars, label_at, labels,
    threshold,
};
pub use quality::{
    Check, CheckResult, Example, Limits, NotRepairable, Policy, QualityReport, QualityRules,
    Repair, UnknownCheck, UnknownPolicy, Verdict, judge,
};
pub use resample::{ResampleError, Resampled, resample};
pub use snapshot::{
    Frozen, Lineage, Manifest, SnapshotError, content_digest, dataset_digest, decode, encode,
    encode_as, freeze, thaw,
};
pub use source::{
    BARS_MAX, BarsRead, Column, ColumnNames, FileFormat, FileRead, Files, LocalFiles, Place,
    Queries, QueryError, Reading, SourceError, Table, TableColumn, read_csv, read_files,
    read_parquet,
};
pub use split::{
    Combinations, Combinatorial, CombinatorialSplit, Dropped, Fold, FoldError, Growth, HeldOut,
    MinimumRows, PartSpan, Sampling, Shares, Split, SplitError, SplitRule, WalkForward,
    combinatorial, dropped, hold_out, plan_split, split_samples, usable_samples, walk_forward,
};
