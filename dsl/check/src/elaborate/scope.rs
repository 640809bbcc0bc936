//! Which names an expression can see, beside those of its file.

use super::Typed;
use crate::diagnostic::At;
use crate::program::Verb;
use crate::{FileId, Port, Signature, Type};
use std::collections::BTreeMap;
use std::rc::Rc;
use suho_domain::Name;
use suho_syntax::ast;

/// The names in sight of an expression.
#[derive(Clone, Debug)]
pub(crate) struct Scope<'s> {
    pub(crate) file: FileId,
    /// Bound by a comprehension, or the ports of a signature's own conditions; the innermost last.
    /// Each with where it is given.
    pub(crate) bound: Vec<(Name, Type, Option<At>)>,
    pub(crate) pipeline: Option<&'s PipelineNames<'s>>,
    /// Inside a rule: its step's own attributes and live metrics.
    pub(crate) rule: Option<RuleNames<'s>>,
    /// Inside a handler: `event` is in sight.
    pub(crate) is_handler: bool,
    /// Inside a test: steps stand for how they end, and there is a world to be asked.
    pub(crate) is_test: bool,
    /// Parameters that a run written here may lack: something beside it gives them.
    pub(crate) open: Vec<String>,
    /// The pipeline whose parameters can be named here.
    pub(crate) run: Option<RunNames>,
}

/// A pipeline and its parameters.
#[derive(Clone, Debug)]
pub(crate) struct RunNames {
    pub(crate) pipeline: Name,
    pub(crate) params: Rc<[Port]>,
}

/// What a rule sees of the step it stands in.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RuleNames<'s> {
    pub(crate) signature: &'s Signature,
    pub(crate) inputs: &'s BTreeMap<String, Typed>,
    /// What the rule does when its condition holds; none under a `not`, where sides are swapped.
    pub(crate) verb: Option<Verb>,
}

/// What a pipeline's expressions see of it.
#[derive(Debug, Default)]
pub(crate) struct PipelineNames<'s> {
    /// Its own.
    pub(crate) name: &'s str,
    pub(crate) params: BTreeMap<&'s str, (Type, At)>,
    pub(crate) lets: BTreeMap<&'s str, (Option<&'s ast::Type>, Option<&'s ast::Expr>, At)>,
    pub(crate) steps: BTreeMap<&'s str, StepName<'s>>,
}

/// A step by its name.
#[derive(Clone, Copy, Debug)]
pub(crate) struct StepName<'s> {
    /// None when its kind is unknown.
    pub(crate) signature: Option<&'s Signature>,
    pub(crate) at: At,
    /// For suggestions: its `against` names this model.
    pub(crate) against: Option<&'s str>,
}

impl<'s> Scope<'s> {
    /// Only the file's names.
    pub(crate) const fn of_file(file: FileId) -> Self {
        Self {
            file,
            bound: Vec::new(),
            pipeline: None,
            rule: None,
            is_handler: false,
            is_test: false,
            open: Vec::new(),
            run: None,
        }
    }

    /// The ports of a signature, for its own conditions.
    pub(crate) fn of_ports(file: FileId, ports: &[Port]) -> Self {
        let bound = ports.iter().filter_map(|port| {
            Name::new(&*port.name).ok().map(|name| (name, port.ty.clone(), None))
        });
        Self { bound: bound.collect(), ..Self::of_file(file) }
    }

    /// The names of a pipeline too.
    pub(crate) fn of_pipeline(file: FileId, pipeline: &'s PipelineNames<'s>) -> Self {
        Self { pipeline: Some(pipeline), ..Self::of_file(file) }
    }

    /// One more bound name, given at `at`.
    pub(crate) fn binding(&self, name: Name, ty: Type, at: At) -> Self {
        let mut inner = self.clone();
        inner.bound.push((name, ty, Some(at)));
        inner
    }
}

impl PipelineNames<'_> {
    /// Where `name` is given, if it is.
    pub(crate) fn place(&self, name: &str) -> Option<At> {
        let param = self.params.get(name).map(|(_, at)| *at);
        let bound = || self.lets.get(name).map(|(_, _, at)| *at);
        param.or_else(bound).or_else(|| self.steps.get(name).map(|step| step.at))
    }

    /// Every name.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.params.keys().chain(self.lets.keys()).chain(self.steps.keys()).copied()
    }
}
