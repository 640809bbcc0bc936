//! Why layers make no network.

use suho_domain::Fault;

/// Why layers make no network. Always `User`: they were written so.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum ArchitectureError {
    /// A count is zero or beyond its bound.
    #[error("`{what}` is {count}, which is not in 1..={max}")]
    OutOfBounds {
        /// What is counted.
        what: &'static str,
        /// How many there are.
        count: usize,
        /// How many there may be.
        max: usize,
    },
    /// There is nothing to tell apart.
    #[error("a classifier needs two classes or more")]
    OneClass,
    /// Two classes have one name.
    #[error("class `{class}` is named twice")]
    ClassTwice {
        /// The name.
        class: String,
    },
    /// A layer does not fit what comes in, or its place.
    #[error("layer {} (`{kind}`) {why}", at + 1)]
    Layer {
        /// Its place, from 0.
        at: usize,
        /// The word by which its author calls it.
        kind: &'static str,
        /// What it wants and what it gets; reads on from its name.
        why: String,
    },
}

impl ArchitectureError {
    /// Who has to act.
    pub fn fault(&self) -> Fault {
        Fault::User
    }

    /// The place of the layer to blame, from 0, where one is.
    pub const fn layer(&self) -> Option<usize> {
        match self {
            Self::Layer { at, .. } => Some(*at),
            _ => None,
        }
    }
}
