//! What the names in a text stand for, and what could be written at a place in it.
//!
//! The elaborator notes it while it finds out, where somebody asked: there is one way of typing an
//! expression. What carries no type, `use` and the types as they are written, is read from the tree.

mod definition;
mod meaning;
mod notes;
mod ports;
mod probe;
mod reading;
mod sight;
mod written;

pub use meaning::{Key, Meaning, Mention, PortOf};
pub use ports::{Keyed, arguments_of, fields_of, outputs_of, ports_of};
pub use probe::{Block, Called, Probe, Wanted};
pub use reading::Reading;
pub use sight::InSight;

pub(crate) use notes::{Notes, Owner};
pub(crate) use sight::meaning;
