//! Definitions of the prelude and of the user's files, made into signatures.
//!
//! In three rounds, since definitions speak of each other: names, then types, then defaults and
//! conditions.

pub(crate) mod definition;
mod metric;

use crate::cache::Cache;
use crate::diagnostic::{At, Diagnostic};
use crate::diagnostics::{duplicate, prelude};
use crate::source::Sources;
use crate::{FileId, Library, Signature};
use std::collections::BTreeMap;
use suho_domain::Name;
use suho_syntax::ast::{Definition, Span, Stmt, StmtKind};

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

/// The library, and where its parts come from.
#[derive(Clone, Debug, Default)]
pub(crate) struct Stock {
    pub(crate) library: Library,
    /// Kind or record → `std.ml`; the user's own are not here.
    pub(crate) modules: BTreeMap<Name, String>,
    /// The file that gives each name; kinds and types do not get in each other's way.
    given: BTreeMap<(bool, String), (String, Span)>,
}

/// All definitions of `sources`; and what is wrong with them.
pub(crate) fn build(sources: &Sources, cache: &mut Cache) -> (Stock, Vec<Diagnostic>) {
    let mut found = Vec::new();
    let ours = sources.files.iter().filter(|source| source.module.is_some());
    let texts: Vec<&str> = ours.map(|source| &*source.text).collect();
    let mut stock = cache.stock(&texts).unwrap_or_else(|| {
        let mut stock = Stock::default();
        stock.add(&definitions(sources, true), sources, &mut found);
        found = std::mem::take(&mut found).into_iter().map(prelude::from).collect();
        if found.is_empty() {
            cache.keep(&texts, &stock);
        }
        stock
    });
    // The library's own come first: a user's cannot take their names.
    stock.add(&definitions(sources, false), sources, &mut found);
    (stock, found)
}

/// The definitions of the prelude, or those of everybody else.
fn definitions(sources: &Sources, is_prelude: bool) -> Vec<Defined<'_>> {
    let mut all = Vec::new();
    let files = sources.iter().filter(|(_, source)| source.module.is_some() == is_prelude);
    for (file, source) in files {
        for stmt in &source.tree.items {
            if let StmtKind::Definition(definition) = &stmt.kind {
                all.push(Defined { file, stmt, definition });
            }
        }
    }
    all
}

impl Stock {
    /// Enters `all`, which may speak of each other and of what is there.
    fn add(&mut self, all: &[Defined<'_>], sources: &Sources, found: &mut Vec<Diagnostic>) {
        /// How deep defaults may be made of the defaults of other records.
        const ROUNDS_MAX: usize = 4;
        let kept = self.name_all(all, sources, found);
        if kept.is_empty() {
            return;
        }
        let of = |words: &'static [&'static str]| {
            kept.iter().filter(|each| words.contains(&&*each.definition.keyword.node))
        };
        for defined in of(&["type"]) {
            definition::alias(*defined, &mut self.library, found);
        }
        for defined in &kept {
            definition::shape(*defined, &mut self.library, found);
        }
        // A resource takes the fields of its record, which must be known.
        for defined in of(&["resource"]) {
            definition::resource(*defined, &mut self.library, found);
        }
        // Defaults of enums before those of records, which use them, before those of steps.
        definition::fill(of(&["enum"]), sources, &mut self.library, found);
        for round in 1..=ROUNDS_MAX {
            let mut wrong = Vec::new();
            definition::fill(of(&["record"]), sources, &mut self.library, &mut wrong);
            if wrong.is_empty() || round == ROUNDS_MAX {
                found.append(&mut wrong);
                break;
            }
        }
        definition::fill(of(&["resource", "step"]), sources, &mut self.library, found);
        definition::metrics(&kept, sources, &mut self.library, found);
    }

    /// Enters each name, still empty; drops what has a name that is taken.
    fn name_all<'a>(
        &mut self,
        all: &[Defined<'a>],
        sources: &Sources,
        found: &mut Vec<Diagnostic>,
    ) -> Vec<Defined<'a>> {
        let mut kept = Vec::new();
        for defined in all {
            let Definition { keyword, name, .. } = defined.definition;
            let at = At::new(defined.file, name.span);
            let is_kind = matches!(&*keyword.node, "step" | "resource");
            let key = (is_kind, name.node.clone());
            if let Some((file, span)) = self.given.get(&key) {
                let first = At::new(sources.named(file).unwrap_or(defined.file), *span);
                found.push(duplicate::new(at, &name.node, first));
                continue;
            }
            let source = sources.get(defined.file);
            let file = source.map(|source| source.name.clone()).unwrap_or_default();
            self.given.insert(key, (file, name.span));
            let Ok(kind) = Name::new(&*name.node) else { continue };
            let library = &mut self.library;
            match &*keyword.node {
                "record" => drop(library.records.insert(name.node.clone(), Vec::new())),
                "enum" => drop(library.enums.insert(name.node.clone(), Vec::new())),
                "step" if definition::is_watch(*defined) => {
                    drop(library.watches.insert(kind.clone(), empty(&kind)));
                }
                "step" => drop(library.steps.insert(kind.clone(), empty(&kind))),
                "resource" => drop(library.resources.insert(kind.clone(), empty(&kind))),
                _ => {}
            }
            if let (true, Some(module)) =
                (is_kind || keyword.node == "record", source.and_then(|it| it.module.clone()))
            {
                self.modules.insert(kind, module);
            }
            kept.push(*defined);
        }
        kept
    }
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
        exec: None,
    }
}
