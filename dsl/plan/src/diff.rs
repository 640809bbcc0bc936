//! Two programs compared by what they do: which gate lets more pass, which rollout risks more,
//! what takes longer, what is gone.
//!
//! Pure: the files of both sides are read by the caller. Texts that mean the same do not differ.

mod declared;
mod guardrail;
mod leaf;
mod page;
mod pipeline;
mod rollout;
mod rule;
mod witness;

pub use guardrail::guardrails;
pub use page::{to_json, to_text};

use crate::build::{Binding, PlanError, Unbound, build_in};
use crate::plan::Plan;
use std::collections::{BTreeMap, BTreeSet};
use suho_check::program::Place;
use suho_check::{Library, Program};
use suho_domain::{Bump, Duration, Name, Value};

/// One side of a comparison: a program and the plan of each of its pipelines.
#[derive(Debug)]
pub struct Side<'a> {
    program: &'a Program,
    library: &'a Library,
    plans: BTreeMap<Name, Plan>,
}

impl<'a> Side<'a> {
    /// Plans every pipeline of a checked program as `environment` sets its parameters; those that
    /// have no value stay open.
    ///
    /// # Errors
    /// When a pipeline cannot be planned.
    pub fn of(
        program: &'a Program,
        library: &'a Library,
        environment: Option<&str>,
    ) -> Result<Self, PlanError> {
        let binding = Binding { environment, unbound: Unbound::Open, ..Binding::of(&[]) };
        let plan = |name: &Name| Ok((name.clone(), build_in(program, name.as_str(), &binding)?));
        let plans: Result<_, PlanError> = program.pipelines.keys().map(plan).collect();
        Ok(Self { program, library, plans: plans? })
    }

    /// The plan of each pipeline.
    pub fn plans(&self) -> &BTreeMap<Name, Plan> {
        &self.plans
    }
}

/// How far the model of a pipeline moves, as the caller's classifier says.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Moved {
    /// How far a version moves.
    pub bump: Bump,
    /// Why: the reason's word and what changed.
    pub reasons: Vec<(String, String)>,
}

/// What differs between two programs.
#[derive(Clone, Debug, PartialEq)]
pub struct Diff {
    /// Every difference, the riskiest first.
    pub changes: Vec<Change>,
    /// Every pipeline that both sides have, by name.
    pub pipelines: BTreeMap<Name, Compared>,
}

impl Diff {
    /// Whether both sides do the same.
    pub const fn is_noop(&self) -> bool {
        self.changes.is_empty()
    }
}

/// A pipeline on both sides.
#[derive(Clone, Debug, PartialEq)]
pub struct Compared {
    /// The digests of its plan, before and after.
    pub digests: (String, String),
    /// Market time that its rollouts take as declared, before and after.
    pub market_time: (Duration, Duration),
    /// Steps whose content changed, in the order they would run: nothing kept of them can be used.
    pub reruns: Vec<Name>,
}

/// What a difference means for those who depend on the pipeline, the riskiest first.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Kind {
    /// Something that was refused, held or rolled back now goes on.
    Loosened,
    /// More traffic sooner, or less evidence before it.
    Riskier,
    /// Rules changed in a way that could not be compared.
    Undecided,
    /// Something is gone.
    Removed,
    /// The next model is not compatible with the one before.
    Major,
    /// The same takes longer.
    Slower,
    /// The next model is a compatible one.
    Minor,
    /// It does something else.
    Changed,
    /// Something new.
    Added,
    /// Something that went on is now refused, held or rolled back.
    Tightened,
    /// Less traffic, later, or more evidence before it.
    Safer,
}

impl Kind {
    /// The word in JSON and on the page.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Loosened => "loosened",
            Self::Riskier => "riskier",
            Self::Undecided => "undecided",
            Self::Removed => "removed",
            Self::Major | Self::Minor => "bump",
            Self::Slower => "slower",
            Self::Changed => "changed",
            Self::Added => "added",
            Self::Tightened => "tightened",
            Self::Safer => "safer",
        }
    }
}

/// One difference.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// What it means.
    pub kind: Kind,
    /// The pipeline; `None` for what stands outside of pipelines.
    pub pipeline: Option<Name>,
    /// What it is about: a step, a parameter, a setting, a pipeline.
    pub subject: String,
    /// What differs, in words: ``share 10% → 20%``.
    pub what: String,
    /// As it was; `None` where there was nothing.
    pub before: Option<String>,
    /// As it is; `None` where there is nothing.
    pub after: Option<String>,
    /// Measurements that the two sides answer differently, and how. Empty where there are none.
    pub witness: Vec<(String, Value)>,
    /// What becomes of the witness: ``passes now, failed before``.
    pub verdict: Option<&'static str>,
    /// Where it stood, and where it stands.
    pub places: (Option<Place>, Option<Place>),
}

impl Change {
    /// A difference between two texts.
    fn new(kind: Kind, subject: impl Into<String>, what: impl Into<String>) -> Self {
        Self {
            kind,
            pipeline: None,
            subject: subject.into(),
            what: what.into(),
            before: None,
            after: None,
            witness: Vec::new(),
            verdict: None,
            places: (None, None),
        }
    }

    /// From one text to another.
    fn moved(kind: Kind, subject: &str, what: &str, before: &str, after: &str) -> Self {
        let change = Self::new(kind, subject, format!("{what} {before} → {after}"));
        Self { before: Some(before.to_owned()), after: Some(after.to_owned()), ..change }
    }

    fn at(self, before: Option<&Place>, after: Option<&Place>) -> Self {
        Self { places: (before.cloned(), after.cloned()), ..self }
    }
}

/// Compares two programs. `models` says how far the model of a pipeline moves, where one does.
pub fn diff(before: &Side<'_>, after: &Side<'_>, models: &BTreeMap<Name, Moved>) -> Diff {
    let mut changes = Vec::new();
    let mut pipelines = BTreeMap::new();
    let names: BTreeSet<&Name> = before.plans.keys().chain(after.plans.keys()).collect();
    for name in names {
        let subject = format!("pipeline {name}");
        match (before.plans.get(name), after.plans.get(name)) {
            (Some(old), Some(new)) => {
                let both = pipeline::Both { old, new, before, after, model: models.get(name) };
                let (found, compared) = pipeline::compare(&both);
                let of = |change| Change { pipeline: Some(name.clone()), ..change };
                changes.extend(found.into_iter().map(of));
                pipelines.insert(name.clone(), compared);
            }
            (Some(old), None) => {
                let change = Change::new(Kind::Removed, subject, "is gone");
                changes.push(change.at(Some(&old.place), None));
            }
            (None, new) => {
                let change = Change::new(Kind::Added, subject, "is new");
                changes.push(change.at(None, new.map(|plan| &plan.place)));
            }
        }
    }
    changes.extend(declared::changes(before.program, after.program, after.library));
    changes.sort_by(|a, b| (a.kind, &a.pipeline).cmp(&(b.kind, &b.pipeline)));
    Diff { changes, pipelines }
}

#[cfg(test)]
mod tests;
