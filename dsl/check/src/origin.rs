//! Where a value comes from, link by link, as it is written: for `suho plan --explain`.

mod trail;

use crate::cache::Cache;
use crate::program::Place;
use crate::source::Sources;
use crate::symbol::Symbols;
use crate::{FileId, World, library};
use suho_syntax::ast::{Block, Definition, Expr, Instance, Stmt, StmtKind};
use trail::Trail;

/// What is asked: a value of a pipeline, and what the command line gives it.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    /// The pipeline.
    pub pipeline: &'a str,
    /// `share`, `tenth.share`, `candidate.model.optimizer`: a parameter, or an attribute of a step
    /// or of the pipeline itself, and fields of it.
    pub path: &'a str,
    /// The environment whose `PIPELINE.PARAM = …` count.
    pub environment: Option<&'a str>,
    /// Name and text, from the command line; the last of a name counts.
    pub arguments: &'a [(String, String)],
    /// What calls the pipeline, where something does.
    pub call: Option<Caller<'a>>,
}

/// A matrix' cell, or a trigger: what gives a pipeline its arguments.
#[derive(Clone, Copy, Debug)]
pub struct Caller<'a> {
    /// Where it stands.
    pub place: &'a Place,
    /// Name and text of each argument.
    pub arguments: &'a [(String, String)],
}

/// One link of the chain from a value to where it is written.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Link {
    /// What kind of a link it is.
    pub origin: Origin,
    /// What it is called there; may be empty.
    pub name: String,
    /// As written, blanks normalised.
    pub text: String,
    /// Where; none for the command line.
    pub place: Option<Place>,
    /// How many computations lie between it and the value.
    pub depth: usize,
    /// Whether something stronger takes its place: it is told because it would count otherwise.
    pub is_overridden: bool,
}

/// What kind of a link it is.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Origin {
    /// `-p NAME=VALUE`.
    Argument,
    /// An argument of the call: what a matrix' cell or a trigger gives.
    Call,
    /// `PIPELINE.PARAM = …` of an environment.
    Environment,
    /// The default of a parameter.
    Default,
    /// A parameter that has no default and was not given.
    Open,
    /// An attribute of a step, a pipeline, the project or a resource.
    Attribute,
    /// `let`.
    Let,
    /// A resource: `model x { … }`.
    Resource,
    /// `with { … }`.
    Override,
    /// A field of a record, an argument of a choice.
    Field,
    /// The default of a port, a field or a choice of the library.
    Library,
    /// What a step makes in the run.
    Output,
    /// Nothing is written: it follows from what flows.
    Follows,
}

/// There is nothing of that name.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct NoOrigin {
    /// The part of the path that was not found.
    pub part: String,
    /// What could stand there.
    pub known: Vec<String>,
    /// Whether it is a step, of which an attribute has to be named.
    pub is_step: bool,
}

/// The chain from the value asked for to where it is written, nearest first.
///
/// Of files without a mistake; `entry` and `world` as for [`crate::check`].
///
/// # Errors
/// When the pipeline has nothing of that name.
pub fn origins(
    entry: &[(String, String)],
    world: &dyn World,
    question: &Question<'_>,
) -> Result<Vec<Link>, NoOrigin> {
    let mut cache = Cache::default();
    let (sources, _) = Sources::load(entry, world, &mut cache);
    let (stock, _) = library::build(&sources, &mut cache);
    let (symbols, _) = Symbols::of(&sources, &stock.library);
    let unknown =
        |part: &str, known: Vec<String>| NoOrigin { part: part.to_owned(), known, is_step: false };
    let Some((file, instance)) = pipeline(&sources, question.pipeline) else {
        return Err(unknown(question.pipeline, Vec::new()));
    };
    let mut trail =
        Trail { sources: &sources, symbols: &symbols, question, file, instance, links: Vec::new() };
    let mut parts = question.path.split('.');
    let head = parts.next().unwrap_or_default();
    let rest: Vec<&str> = parts.collect();
    let is_step = |stmt: &Stmt| matches!(&stmt.kind, StmtKind::Instance(it) if is_called(it, head));
    if instance.params.iter().any(|param| param.name.node == head) {
        trail.parameter(head, &rest, 0);
    } else if let Some(stmt) = instance.body.items.iter().find(|stmt| is_step(stmt)) {
        let StmtKind::Instance(step) = &stmt.kind else { return Ok(trail.links) };
        let kind = step.kind.first().map_or("", |kind| &*kind.node);
        let Some((attribute, rest)) = rest.split_first() else {
            return Err(NoOrigin { is_step: true, ..unknown(head, trail.ports(kind)) });
        };
        if !trail.attribute(&step.body, kind, attribute, rest) {
            return Err(unknown(attribute, trail.ports(kind)));
        }
    } else if !trail.setting(head, &rest) {
        let params = instance.params.iter().map(|param| param.name.node.clone());
        let steps = instance.body.items.iter().filter_map(|stmt| match &stmt.kind {
            StmtKind::Instance(step) if !is_called(step, "") => step.name.as_ref(),
            _ => None,
        });
        let steps = steps.map(|name| format!("{}.…", name.node));
        return Err(unknown(head, params.chain(steps).collect()));
    }
    Ok(trail.links)
}

fn is_called(instance: &Instance, name: &str) -> bool {
    let is_handler = instance.kind.first().is_some_and(|kind| kind.node == "on");
    !is_handler && instance.name.as_ref().is_some_and(|given| given.node == name)
}

/// The pipeline called `name`, and its file.
fn pipeline<'a>(sources: &'a Sources, name: &str) -> Option<(FileId, &'a Instance)> {
    sources.iter().find_map(|(file, source)| {
        source.tree.items.iter().find_map(|stmt| match &stmt.kind {
            StmtKind::Instance(it) if is_of(it, "pipeline") && is_called(it, name) => {
                Some((file, it))
            }
            _ => None,
        })
    })
}

fn is_of(instance: &Instance, kind: &str) -> bool {
    matches!(instance.kind.as_slice(), [only] if only.node == kind)
}

/// What `block` sets `name` to.
fn set<'a>(block: &'a Block, name: &str) -> Option<(&'a Stmt, &'a Expr)> {
    block.items.iter().find_map(|stmt| match &stmt.kind {
        StmtKind::Attribute { path, value } => {
            let dotted: Vec<&str> = path.iter().map(|part| &*part.node).collect();
            (dotted.join(".") == name).then_some((stmt, value))
        }
        _ => None,
    })
}

/// The definition `keyword name` of the library or of the project's own.
fn definition<'a>(
    sources: &'a Sources,
    keyword: &str,
    name: &str,
) -> Option<(FileId, &'a Definition)> {
    sources.iter().find_map(|(file, source)| {
        source.tree.items.iter().find_map(|stmt| match &stmt.kind {
            StmtKind::Definition(it) if it.keyword.node == keyword && it.name.node == name => {
                Some((file, it))
            }
            _ => None,
        })
    })
}

#[cfg(test)]
mod tests;
