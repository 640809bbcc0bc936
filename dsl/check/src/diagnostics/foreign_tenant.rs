//! # Another tenant's data or model
//!
//! A tenant's models are trained on that tenant's data, and only its own pipelines follow up on
//! them. The platform's are everybody's.
//!
//! Wrong:
//!
//! ```suho wrong
//! edition 2026
//!
//! use std.ml
//! use "./example.suho" { direction }
//!
//! clickhouse_connection theirs {
//!   url   = "http://clickhouse:8123"
//!   scope = tenant("tenant_002")
//! }
//!
//! pipeline ours(spec: ModelSpec = direction) {
//!   scope = tenant("tenant_001")
//!
//!   dataset data {
//!     source    = clickhouse(theirs, table: "bars")
//!     symbol    = spec.target.symbol
//!     timeframe = spec.target.timeframe
//!     features  = spec.features
//!   }
//! }
//! ```
//!
//! Right:
//!
//! ```suho right
//! edition 2026
//!
//! use std.ml
//! use "./example.suho" { direction }
//!
//! clickhouse_connection own {
//!   url   = "http://clickhouse:8123"
//!   scope = tenant("tenant_001")
//! }
//!
//! pipeline ours(spec: ModelSpec = direction) {
//!   scope = tenant("tenant_001")
//!
//!   dataset data {
//!     source    = clickhouse(own, table: "bars")
//!     symbol    = spec.target.symbol
//!     timeframe = spec.target.timeframe
//!     features  = spec.features
//!   }
//! }
//! ```

use crate::diagnostic::{At, Diagnostic};

/// The code.
pub(crate) const CODE: &str = "foreign-tenant";

/// A model of `own` would be trained on data of `other`.
pub(crate) fn data(at: At, own: &str, other: &str) -> Diagnostic {
    Diagnostic::error(CODE, at, format!("a model of {own} cannot be trained on data of {other}"))
}

/// What goes on with a model of `watched` would train one of `trained`.
pub(crate) fn model(at: At, watched: &str, trained: &str) -> Diagnostic {
    let message = format!("a model of {watched} cannot be followed by one of {trained}");
    Diagnostic::error(CODE, at, message)
}
