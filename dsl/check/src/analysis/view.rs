//! A pipeline of the program beside its text: what is known of it, and where it stands.

use crate::diagnostic::At;
use crate::program::{self, Expr, Program};
use crate::source::Sources;
use crate::{FileId, Library, Signature, fold};
use std::collections::BTreeMap;
use suho_domain::units::Duration;
use suho_domain::{Name, Value};
use suho_syntax::ast::{self, Block, Instance, Span, StmtKind};

/// One pipeline.
pub(super) struct Pipeline<'p> {
    pub(super) program: &'p program::Pipeline,
    pub(super) file: FileId,
    pub(super) body: &'p Block,
    pub(super) steps: Vec<Step<'p>>,
    /// Where each of them is, by its name.
    places: BTreeMap<&'p Name, usize>,
    /// What parameters are if nobody sets them.
    defaults: BTreeMap<Name, Value>,
}

/// One step of it.
pub(super) struct Step<'p> {
    pub(super) program: &'p program::Step,
    pub(super) signature: &'p Signature,
    /// Its name.
    pub(super) at: At,
    pub(super) body: &'p Block,
    /// In the order written; none where one of them is broken.
    pub(super) rules: Vec<Rule<'p>>,
}

/// One rule of it.
pub(super) struct Rule<'p> {
    pub(super) program: &'p program::Rule,
    pub(super) written: &'p ast::Rule,
    /// Its condition.
    pub(super) at: At,
}

/// The pipelines of a program.
pub(super) fn pipelines<'p>(
    program: &'p Program,
    library: &'p Library,
    sources: &'p Sources,
) -> Vec<Pipeline<'p>> {
    let mut views = Vec::new();
    for (file, source) in sources.iter().filter(|(_, source)| source.module.is_none()) {
        for instance in instances(&source.tree.items).filter(|it| is_of(it, "pipeline")) {
            let name = instance.name.as_ref().and_then(|name| Name::new(&*name.node).ok());
            let known = name.and_then(|name| program.pipelines.get(&name));
            let Some(known) = known.filter(|known| known.place.file == source.name) else {
                continue;
            };
            let (body, written) = (&instance.body, Written::of(&instance.body));
            let steps = known.steps.iter();
            let steps: Vec<_> =
                steps.filter_map(|step| of_step(step, &written, file, library)).collect();
            let names = steps.iter().enumerate();
            let places = names.map(|(place, step)| (&step.program.name, place)).collect();
            let defaults = defaults(known);
            views.push(Pipeline { program: known, file, body, steps, places, defaults });
        }
    }
    views
}

fn instances(items: &[ast::Stmt]) -> impl Iterator<Item = &Instance> {
    items.iter().filter_map(|stmt| match &stmt.kind {
        StmtKind::Instance(instance) => Some(instance),
        _ => None,
    })
}

fn is_of(instance: &Instance, kind: &str) -> bool {
    matches!(instance.kind.as_slice(), [only] if only.node == kind)
}

/// The instances of a block by kind and name; of several the first.
struct Written<'p>(BTreeMap<[&'p str; 2], (&'p Instance, Span)>);

impl<'p> Written<'p> {
    fn of(body: &'p Block) -> Self {
        let mut written = BTreeMap::new();
        for instance in instances(&body.items) {
            if let ([kind], Some(name)) = (instance.kind.as_slice(), &instance.name) {
                written.entry([kind.node.as_str(), &name.node]).or_insert((instance, name.span));
            }
        }
        Self(written)
    }
}

fn of_step<'p>(
    step: &'p program::Step,
    written: &Written<'p>,
    file: FileId,
    library: &'p Library,
) -> Option<Step<'p>> {
    let signature = library.steps.get(&step.kind)?;
    let (instance, span) = *written.0.get(&[step.kind.as_str(), step.name.as_str()])?;
    let rules = instance.body.items.iter().filter_map(|stmt| match &stmt.kind {
        StmtKind::Rule(rule) => Some(rule),
        _ => None,
    });
    let rules: Vec<&ast::Rule> = rules.collect();
    let is_whole = rules.len() == step.rules.len();
    let rules = step.rules.iter().zip(rules).filter(|_| is_whole).map(|(program, written)| Rule {
        program,
        written,
        at: At::new(file, written.condition.span),
    });
    let rules = rules.collect();
    Some(Step { program: step, signature, at: At::new(file, span), body: &instance.body, rules })
}

/// Each parameter's default, earlier ones' put in.
fn defaults(pipeline: &program::Pipeline) -> BTreeMap<Name, Value> {
    let mut defaults = BTreeMap::new();
    for param in &pipeline.params {
        let value = param.default.as_ref().and_then(|default| with(&defaults, default));
        if let Some(value) = value {
            defaults.insert(param.name.clone(), value);
        }
    }
    defaults
}

fn with(defaults: &BTreeMap<Name, Value>, expr: &Expr) -> Option<Value> {
    let lookup = |expr: &Expr| match expr {
        Expr::Param(name) => defaults.get(name).cloned(),
        _ => None,
    };
    // What is broken stands there as none.
    fold::known(expr, &lookup).filter(|value| *value != Value::None)
}

impl Pipeline<'_> {
    /// What `expr` comes to when nobody sets a parameter; none where a run decides.
    pub(super) fn known(&self, expr: &Expr) -> Option<Value> {
        with(&self.defaults, expr)
    }

    /// The step called `name`.
    pub(super) fn step(&self, name: &Name) -> Option<&Step<'_>> {
        self.steps.get(*self.places.get(name)?)
    }

    /// The input `name` of `step`.
    pub(super) fn input(&self, step: &Step<'_>, name: &str) -> Option<Value> {
        self.known(step.program.inputs.get(name)?)
    }

    /// `expr` as a length of time.
    pub(super) fn lasting(&self, expr: &Expr) -> Option<Duration> {
        match self.known(expr)? {
            Value::Duration(duration) => Some(duration),
            _ => None,
        }
    }

    /// The place of the value of the attribute `name` in `body`, which is the pipeline's or a
    /// step's.
    pub(super) fn attribute(&self, body: &Block, name: &str) -> Option<At> {
        body.items.iter().find_map(|stmt| match &stmt.kind {
            StmtKind::Attribute { path, value } => match path.as_slice() {
                [only] if only.node == name => Some(At::new(self.file, value.span)),
                _ => None,
            },
            _ => None,
        })
    }
}
