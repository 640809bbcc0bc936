//! What files give beside pipelines: secrets, and named records.

use super::{Expr, Place};
use crate::Type;
use suho_domain::{Name, Variant};

/// `secret slack_url: Url = env("SUHO_SLACK_URL")`: where it is kept, never what.
#[derive(Clone, Debug, PartialEq)]
pub struct Secret {
    /// Its name.
    pub name: Name,
    /// What it is a secret of.
    pub ty: Type,
    /// `env`, `vault`, `file` or `k8s`, with the place there.
    pub source: Variant,
    /// Where it stands.
    pub place: Place,
}

/// `channel desk { … }`, `model eurusd { … }`.
#[derive(Clone, Debug, PartialEq)]
pub struct Resource {
    /// Its name.
    pub name: Name,
    /// Its kind, a key of [`crate::Library::resources`].
    pub kind: Name,
    /// Its doc comment.
    pub doc: Option<String>,
    /// What it is a value of: the record of its kind.
    pub ty: Type,
    /// The record that it is, its name included.
    pub value: Expr,
    /// Where it stands.
    pub place: Place,
}
