//! Definitions of the prelude and of the user's files, made into signatures.
//!
//! In three rounds, since definitions speak of each other: names, then types, then defaults and
//! conditions.

pub(crate) mod definition;
mod metric;

use crate::diagnostic::{At, Diagnostic};
use crate::diagnostics::{duplicate, prelude};
use crate::source::Sources;
use crate::{FileId, Library, Signature};
use std::collections::BTreeMap;
use suho_domain::Name;
use suho_syntax::ast::{Definition, Stmt, StmtKind};

/// The attributes that pipelines take, by the record of the prelude that lists them.
pub(crate) const PIPELINE: &str = "PipelineAttributes";
/// Those of `project`.
pub(crate) const PROJECT: &str = "ProjectAttributes";
/// Those that every step takes.
pub(crate) const STEP: &str = "StepAttributes";
/// Those of `on rollback` and its like.
pub(crate) const HANDLER: &str = "HandlerAttributes";
/// Those of a `compare` rule.
pub(crate) const COMPARE: &str = "Compare";
/// What `event` is inside handlers.
pub(crate) const EVENT: &str = "Event";

/// A definition and where it stands.
#[derive(Clone, Copy)]
pub(crate) struct Defined<'a> {
    pub(crate) file: FileId,
    pub(crate) stmt: &'a Stmt,
    pub(crate) definition: &'a Definition,
}

/// The library, and which part of it each kind comes from.
#[derive(Debug, Default)]
pub(crate) struct Stock {
    pub(crate) library: Library,
    /// Kind → `std.ml`; the user's own kinds are not here.
    pub(crate) modules: BTreeMap<Name, String>,
}

/// All definitions of `sources`; and what is wrong with them.
pub(crate) fn build(sources: &Sources) -> (Stock, Vec<Diagnostic>) {
    let mut stock = Stock::default();
    let mut found = Vec::new();
    let all = definitions(sources);
    let kept = name_all(&all, sources, &mut stock, &mut found);
    for defined in &kept {
        definition::shape(*defined, &mut stock.library, &mut found);
    }
    // A resource takes the fields of its record, which must be known.
    for defined in kept.iter().filter(|each| each.definition.keyword.node == "resource") {
        definition::resource(*defined, &mut stock.library, &mut found);
    }
    // Defaults of enums before those of records, which use them, before those of steps.
    for round in [&["enum"][..], &["record"], &["resource", "step"]] {
        for defined in kept.iter().filter(|each| round.contains(&&*each.definition.keyword.node)) {
            definition::fill(*defined, sources, &mut stock.library, &mut found);
        }
    }
    definition::metrics(&kept, sources, &mut stock.library, &mut found);
    let is_ours = |file: FileId| sources.get(file).is_some_and(|source| source.module.is_some());
    let told = |each: Diagnostic| if is_ours(each.file) { prelude::from(each) } else { each };
    (stock, found.into_iter().map(told).collect())
}

fn definitions(sources: &Sources) -> Vec<Defined<'_>> {
    let mut all = Vec::new();
    for (file, source) in sources.iter() {
        for stmt in &source.tree.items {
            if let StmtKind::Definition(definition) = &stmt.kind {
                all.push(Defined { file, stmt, definition });
            }
        }
    }
    // The library's own come first: a user's cannot take their names.
    all.sort_by_key(|each| sources.get(each.file).is_none_or(|source| source.module.is_none()));
    all
}

/// Enters each name, still empty; drops what has a name that is taken.
fn name_all<'a>(
    all: &[Defined<'a>],
    sources: &Sources,
    stock: &mut Stock,
    found: &mut Vec<Diagnostic>,
) -> Vec<Defined<'a>> {
    let mut taken: BTreeMap<(bool, &str), At> = BTreeMap::new();
    let mut kept = Vec::new();
    for defined in all {
        let Definition { keyword, name, .. } = defined.definition;
        let at = At::new(defined.file, name.span);
        let is_kind = matches!(&*keyword.node, "step" | "resource");
        if let Some(first) = taken.insert((is_kind, &name.node), at) {
            found.push(duplicate::new(at, &name.node, first));
            continue;
        }
        let Ok(kind) = Name::new(&*name.node) else { continue };
        match &*keyword.node {
            "record" => drop(stock.library.records.insert(name.node.clone(), Vec::new())),
            "enum" => drop(stock.library.enums.insert(name.node.clone(), Vec::new())),
            "step" => drop(stock.library.steps.insert(kind.clone(), empty(&kind))),
            "resource" => drop(stock.library.resources.insert(kind.clone(), empty(&kind))),
            _ => {}
        }
        if let (true, Some(module)) =
            (is_kind, sources.get(defined.file).and_then(|source| source.module.clone()))
        {
            stock.modules.insert(kind, module);
        }
        kept.push(*defined);
    }
    kept
}

fn empty(kind: &Name) -> Signature {
    Signature {
        kind: kind.clone(),
        doc: None,
        inputs: Vec::new(),
        outputs: Vec::new(),
        rules: Vec::new(),
        metrics: Vec::new(),
        effects: Vec::new(),
        checks: Vec::new(),
        is_controller: false,
    }
}
