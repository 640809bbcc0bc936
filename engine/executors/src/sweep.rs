//! Attempts that live and that nobody wants: found by what their processes say of themselves,
//! whoever began them.

use crate::own;
use std::collections::BTreeSet;
use std::fs::File;
use std::path::Path;
use suho_domain::{AttemptKey, Name};
use suho_step::attempt::CANCELLED;

/// Ends every attempt below the absolute path `root` that is at work and that `is_wanted` does not
/// know, with all that it has started; answers which.
///
/// To be called while nobody begins attempts there. What lives is told by the environments of the
/// machine's processes, of those that this user may read: folders of attempts that are over cost
/// nothing, however many there are.
pub fn sweep(root: &Path, mut is_wanted: impl FnMut(&AttemptKey) -> bool) -> BTreeSet<AttemptKey> {
    let mut ended = BTreeSet::new();
    for folder in own::folders_at_work(root) {
        let Some(key) = key_of(root, &folder) else { continue };
        if !is_wanted(&key) {
            // Whoever comes to look at it later sees that it was ended, and did not fail.
            drop(File::create(folder.join(CANCELLED)));
            own::end_left_behind(&folder);
            ended.insert(key);
        }
    }
    ended
}

/// The attempt whose folder is `folder`: `ROOT/RUN/STEP/ATTEMPT`.
fn key_of(root: &Path, folder: &Path) -> Option<AttemptKey> {
    let mut parts = folder.strip_prefix(root).ok()?.iter().map(|part| part.to_str());
    let run = parts.next()??.parse().ok()?;
    let step = Name::new(parts.next()??).ok()?;
    let attempt = parts.next()??.parse().ok()?;
    parts.next().is_none().then_some(AttemptKey { run, step, attempt })
}

#[cfg(test)]
mod tests;
