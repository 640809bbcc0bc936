//! What of the engine's environment an attempt gets to see.

use std::ffi::OsString;

/// Variables that pass by their full name.
const NAMES: [&str; 7] = ["PATH", "HOME", "TMPDIR", "TZ", "LANG", "RAYON_NUM_THREADS", "NO_COLOR"];
/// Variables that pass by the beginning of their name.
const PREFIX: &str = "SUHO_";

/// The variables of `all` that an attempt may see: what it takes to run, and what is ours. Secrets
/// of the engine's surroundings stay there.
pub(crate) fn allowed(
    all: impl IntoIterator<Item = (OsString, OsString)>,
) -> Vec<(OsString, OsString)> {
    let passes = |name: &str| NAMES.contains(&name) || name.starts_with(PREFIX);
    all.into_iter().filter(|(name, _)| name.to_str().is_some_and(passes)).collect()
}

#[cfg(test)]
mod tests;
