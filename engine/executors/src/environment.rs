//! What of the engine's environment an attempt gets to see.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fmt;

/// Variables that pass by their full name.
const NAMES: [&str; 7] = ["PATH", "HOME", "TMPDIR", "TZ", "LANG", "RAYON_NUM_THREADS", "NO_COLOR"];
/// What opens an object store, by the names that every tool for S3 knows. They pass to the steps of
/// the engine itself, which read data and keep artifacts there, and to nobody else.
const STORE: [&str; 7] = [
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
    "AWS_ENDPOINT_URL_S3",
    "AWS_ENDPOINT_URL",
];
/// Variables that pass by the beginning of their name.
const PREFIX: &str = "SUHO_";

/// The engine's environment. Its secrets are never shown.
pub(crate) struct Environment(BTreeMap<OsString, OsString>);

impl Environment {
    pub(crate) fn of(all: impl IntoIterator<Item = (OsString, OsString)>) -> Self {
        Self(all.into_iter().collect())
    }

    /// What every attempt may see: what it takes to run, and what is ours. Secrets of the engine's
    /// surroundings stay there.
    pub(crate) fn allowed(&self) -> impl Iterator<Item = (&OsStr, &OsStr)> {
        let passes = |name: &str| NAMES.contains(&name) || name.starts_with(PREFIX);
        let all = self.0.iter().filter(move |(name, _)| name.to_str().is_some_and(passes));
        all.map(|(name, value)| (name.as_os_str(), value.as_os_str()))
    }

    /// What opens an object store: for steps that run none of the user's own code.
    pub(crate) fn of_store(&self) -> impl Iterator<Item = (&OsStr, &OsStr)> {
        self.named(STORE.into_iter())
    }

    /// Those of `names` that are there: the secrets that an attempt's step names.
    pub(crate) fn named<'a>(
        &'a self,
        names: impl Iterator<Item = &'a str>,
    ) -> impl Iterator<Item = (&'a OsStr, &'a OsStr)> {
        let there = names.filter_map(|name| self.0.get_key_value(OsStr::new(name)));
        there.map(|(name, value)| (name.as_os_str(), value.as_os_str()))
    }
}

impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

#[cfg(test)]
mod tests;
