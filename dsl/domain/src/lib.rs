//! The nouns of suho: values with units, versions, statuses, identities, digests, faults.
//!
//! A leaf: every other crate may use this one, and it uses none of ours. Nothing here reads a
//! file, a clock or the environment.

pub mod canonical;
mod digest;
mod failure;
pub mod fault;
mod id;
mod instant;
mod name;
mod scope;
mod shape;
mod status;
mod symbol;
mod timeframe;
mod traffic;
pub mod units;
mod value;
mod version;

pub use digest::{Digest, NotADigest};
pub use failure::FailureClass;
pub use fault::Fault;
pub use id::{AttemptKey, DeploymentId, ModelId, NotAnId, RunId};
pub use instant::{Instant, NotAnInstant};
pub use name::{Name, NotAName};
pub use scope::{NotAScope, Scope, Slot};
pub use shape::{Shape, Unfit};
pub use status::{IllegalMove, ModelStatus, Move, RunStatus, Stage, StepStatus};
pub use symbol::{NotASymbol, Symbol};
pub use timeframe::{NotATimeframe, Timeframe};
pub use traffic::{BasisPoints, NotBasisPoints};
pub use units::{Bytes, Duration, Money, Period, Pips, Points, Ratio};
pub use value::{Record, Value, Variant};
pub use version::{Bump, NotAVersion, Version};
