//! Monitors: who is watched, and what is done about it.

use super::{Expr, Place, Rule};
use std::collections::BTreeMap;
use suho_domain::Name;

/// `monitor prod { … }`.
#[derive(Clone, Debug, PartialEq)]
pub struct Monitor {
    /// Its name.
    pub name: Name,
    /// Its doc comment.
    pub doc: Option<String>,
    /// `model` (a choice of `Served`), `every`.
    pub attributes: BTreeMap<String, Expr>,
    /// Its alerts and its looks for drift, in the order written.
    pub watches: Vec<Watch>,
    /// Where it stands.
    pub place: Place,
}

/// `alert accuracy_drop { … }` or `drift feature_drift { … }`.
#[derive(Clone, Debug, PartialEq)]
pub struct Watch {
    /// Its name.
    pub name: Name,
    /// Its doc comment.
    pub doc: Option<String>,
    /// Its kind, a key of [`crate::Library::watches`].
    pub kind: Name,
    /// Every attribute that is set or follows: `min_events`, `severity`, `notify`, ….
    pub attributes: BTreeMap<String, Expr>,
    /// When it fires. In an alert every live metric but those of `reference` stands in a window,
    /// [`Expr::Call`] of `over`, and [`Rule::lasting`] is set.
    pub fire: Rule,
    /// When it stops firing, if that is not when `fire` no longer holds.
    pub resolve: Option<Rule>,
    /// Where it stands.
    pub place: Place,
}
