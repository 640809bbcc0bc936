//! The names that a place in a block sees beside those of its file.

use super::meaning::{Meaning, StepOf};
use super::names::{Named, Names};
use std::rc::Rc;
use suho_check::{Library, Type};

/// The names in sight of an expression, beside its file's.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scope {
    /// What comprehensions bind, the innermost last.
    pub(crate) bound: Vec<(String, Type, Option<super::given::Place>)>,
    /// In a rule: its step's own attributes and the metrics it may speak of.
    pub(crate) rule: Names,
    /// The pipeline's parameters, `let`s and steps: shared, for there may be thousands.
    pub(crate) pipeline: Rc<Names>,
    /// The step and the pipeline that it stands in.
    pub(crate) step: Option<StepOf>,
}

impl Scope {
    /// With one more name bound.
    pub(crate) fn binding(&self, name: &str, ty: Type, place: Option<super::given::Place>) -> Self {
        let mut inner = self.clone();
        inner.bound.push((name.to_owned(), ty, place));
        inner
    }

    /// What `name` stands for, the file's names apart.
    pub(crate) fn get(&self, name: &str) -> Option<Named> {
        let bound = self.bound.iter().rev().find(|(bound, ..)| bound == name);
        if let Some((_, ty, place)) = bound {
            let meaning = Meaning::Bound(ty.clone());
            return Some(Named { place: *place, meaning, ty: ty.clone(), doc: None });
        }
        self.rule.get(name).or_else(|| self.pipeline.get(name)).cloned()
    }

    /// Every name with what it stands for, the nearest first.
    pub(crate) fn names(&self) -> Vec<(String, Named)> {
        let bound = self
            .bound
            .iter()
            .rev()
            .filter_map(|(name, ..)| self.get(name).map(|named| (name.clone(), named)));
        let rest = self.rule.iter().chain(self.pipeline.iter());
        bound.chain(rest.map(|(name, named)| (name.clone(), named.clone()))).collect()
    }
}

/// The type of a step as a whole.
pub(crate) fn whole(library: &Library, kind: &str) -> Type {
    match library.steps.get(kind) {
        Some(signature) => match signature.outputs.as_slice() {
            [only] if only.name == "self" => only.ty.clone(),
            _ => Type::Outputs(signature.kind.clone()),
        },
        None => Type::Unknown,
    }
}
