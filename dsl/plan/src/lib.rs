//! Program to plan: the DAG, content digests, rules as data and their evaluator.
//!
//! A plan needs nothing from its text afterwards: it is JSON, stored with the run, and the same
//! bytes for the same text and parameters.

mod build;
mod content;
pub mod diff;
mod evaluate;
pub mod explain;
mod fold;
pub mod graph;
pub mod operations;
mod operators;
mod parameter;
mod plan;
mod proof;
mod rule;
mod show;
mod start;
pub mod walk;

pub use build::{Binding, PlanError, Unbound, build, build_in, cells};
pub use content::content_key;
pub use evaluate::{Facts, Missing, evaluate, resolve};
pub use plan::{Caching, FailureMode, Handler, Limits, Node, Plan, Role, Settings};
pub use rule::{Answer, answer, operands, rounded};
pub use show::{show, written};
pub use suho_check::program::{Access, BinaryOp, Expr, Place, Rule, UnaryOp, Verb};

#[cfg(test)]
mod tests;
