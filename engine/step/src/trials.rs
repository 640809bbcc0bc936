//! The trials that every step must pass and that need no engine.
//!
//! A step is tried with an [`Order`] of its own, an artifact folder that nothing else writes to,
//! and a folder for its attempts. The third trial, an engine killed after each event, is the
//! driver's.

use crate::{Context, Inputs, Order, Outputs, Progress, Step, StepError, Supervisor};
use std::cell::Cell;
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use suho_domain::{Digest, Fault};

/// Most questions "am I cancelled?" that a trial cuts a step off at, one after the other. A step
/// that asks more often is tried at the first so many.
pub const CUTS_MAX: u64 = 64;

/// How a step failed a trial.
#[derive(Debug, thiserror::Error)]
pub enum TrialError {
    /// The trial itself could not be held.
    #[error("cannot hold the trial in `{}`", path.display())]
    Scene {
        /// The file or folder.
        path: PathBuf,
        /// What the disk said.
        #[source]
        source: io::Error,
    },
    /// The step failed where nothing hindered it.
    #[error("step `{kind}` failed in its {nth} run")]
    Failed {
        /// The step's kind.
        kind: String,
        /// Which run, in words.
        nth: &'static str,
        /// What it said.
        #[source]
        source: Box<StepError>,
    },
    /// Two runs gave different outputs.
    #[error("step `{kind}` gave {first:?} in its first run and {second:?} in its second")]
    Unlike {
        /// The step's kind.
        kind: String,
        /// What the first run gave.
        first: Outputs,
        /// What the second run gave.
        second: Outputs,
    },
    /// The artifact folder is not as it should be.
    #[error("step `{kind}` {when} has left the artifacts other: {}", paths.join(", "))]
    Artifacts {
        /// The step's kind.
        kind: String,
        /// After what.
        when: String,
        /// What was added, removed or changed, relative to the artifact folder.
        paths: Vec<String>,
    },
    /// The step could not be undone.
    #[error("step `{kind}` cannot be undone {when}")]
    NotUndone {
        /// The step's kind.
        kind: String,
        /// After what.
        when: String,
        /// What it said.
        #[source]
        source: Box<StepError>,
    },
}

impl TrialError {
    /// Who has to act: the step's author, unless the disk refused.
    pub const fn fault(&self) -> Fault {
        match self {
            Self::Scene { .. } => Fault::World,
            _ => Fault::Bug,
        }
    }
}

/// Runs `step` twice, as two attempts of the same run: the outputs must be equal, and the second
/// attempt must leave the artifacts as the first made them.
///
/// `order.artifacts` is the path of a folder that may hold what the step needs; `attempts` is a
/// folder for the attempts' own folders.
///
/// # Errors
/// When the step fails the trial, or it cannot be held.
pub fn runs_twice_alike(step: &dyn Step, order: &Order, attempts: &Path) -> Result<(), TrialError> {
    let artifacts = Path::new(&order.artifacts);
    let kind = step.signature();
    let run = |nth: &'static str, attempt: u32| {
        let mut order = order.clone();
        order.key.attempt = attempt;
        let attempt = Attempt::at(step, &order, attempts.join(nth))?;
        attempt.run(u64::MAX).map_err(|source| TrialError::Failed {
            kind: kind.to_owned(),
            nth,
            source: Box::new(source),
        })
    };
    let first = run("first", 1)?;
    let made = contents(artifacts)?;
    let second = run("second", 2)?;
    if first != second {
        return Err(TrialError::Unlike { kind: kind.to_owned(), first, second });
    }
    compare(kind, "run a second time", &made, &contents(artifacts)?)
}

/// Cuts `step` off at each question "am I cancelled?" in turn, and at last lets it end; after each
/// of these, undoing it must leave the artifacts as they were before it ran, and undoing it again
/// must be no error.
///
/// The arguments are those of [`runs_twice_alike`].
///
/// # Errors
/// When the step fails the trial, or it cannot be held.
pub fn undone_leaves_nothing(
    step: &dyn Step,
    order: &Order,
    attempts: &Path,
) -> Result<(), TrialError> {
    let artifacts = Path::new(&order.artifacts);
    let kind = step.signature();
    let before = contents(artifacts)?;
    for cut in (0..CUTS_MAX).chain([u64::MAX]) {
        let attempt = Attempt::at(step, order, attempts.join(format!("cut-{cut}")))?;
        let ended = attempt.run(cut).is_ok();
        let when = if ended { "after it ended".to_owned() } else { format!("after cut {cut}") };
        for _ in ["once", "again"] {
            attempt.undo().map_err(|source| TrialError::NotUndone {
                kind: kind.to_owned(),
                when: when.clone(),
                source: Box::new(source),
            })?;
        }
        compare(kind, &format!("undone {when}"), &before, &contents(artifacts)?)?;
        if ended {
            return Ok(());
        }
    }
    Ok(())
}

/// One attempt at a step, in a folder of its own.
struct Attempt<'a> {
    step: &'a dyn Step,
    order: &'a Order,
    inputs: Inputs,
    folder: PathBuf,
}

impl<'a> Attempt<'a> {
    fn at(step: &'a dyn Step, order: &'a Order, folder: PathBuf) -> Result<Self, TrialError> {
        match fs::create_dir_all(&folder) {
            Ok(()) => Ok(Self { step, order, inputs: Inputs::new(order.inputs.clone()), folder }),
            Err(source) => Err(TrialError::Scene { path: folder, source }),
        }
    }

    /// Runs the step, cut off at question `cut`.
    fn run(&self, cut: u64) -> Result<Outputs, StepError> {
        let mut cutter = Cutter { cut, asked: Cell::new(0) };
        let mut context = Context::new(self.order, &self.folder, &mut cutter);
        self.step.run(&mut context, &self.inputs)
    }

    fn undo(&self) -> Result<(), StepError> {
        let mut cutter = Cutter { cut: u64::MAX, asked: Cell::new(0) };
        let mut context = Context::new(self.order, &self.folder, &mut cutter);
        self.step.undo(&mut context, &self.inputs)
    }
}

/// A supervisor that says "cancelled" from question number `cut` on.
struct Cutter {
    cut: u64,
    asked: Cell<u64>,
}

impl Supervisor for Cutter {
    fn progress(&mut self, _: &Progress) {}

    fn log(&mut self, _: &str) {}

    fn is_cancelled(&self) -> bool {
        let asked = self.asked.get();
        self.asked.set(asked.saturating_add(1));
        asked >= self.cut
    }
}

/// Every file below a folder with the digest of its bytes.
type Contents = BTreeMap<String, Digest>;

fn contents(root: &Path) -> Result<Contents, TrialError> {
    let mut found = Contents::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        let read = || -> io::Result<Vec<PathBuf>> {
            fs::read_dir(&folder)?.map(|entry| Ok(entry?.path())).collect()
        };
        let refused = |path: &Path, source| TrialError::Scene { path: path.to_owned(), source };
        for path in read().map_err(|source| refused(&folder, source))? {
            if path.is_dir() {
                folders.push(path);
            } else {
                let bytes = fs::read(&path).map_err(|source| refused(&path, source))?;
                let name = path.strip_prefix(root).unwrap_or(&path).display().to_string();
                found.insert(name, Digest::of(&bytes));
            }
        }
    }
    Ok(found)
}

fn compare(kind: &str, when: &str, before: &Contents, after: &Contents) -> Result<(), TrialError> {
    let mut paths: Vec<String> = before
        .keys()
        .chain(after.keys())
        .filter(|path| before.get(*path) != after.get(*path))
        .cloned()
        .collect();
    paths.sort();
    paths.dedup();
    if paths.is_empty() {
        return Ok(());
    }
    Err(TrialError::Artifacts { kind: kind.to_owned(), when: when.to_owned(), paths })
}

#[cfg(test)]
mod tests;
