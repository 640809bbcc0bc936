//! The names in sight of each file: those it gives and those it takes from others.

use super::given::{Givens, Place};
use super::meaning::Meaning;
use super::scope::Scope;
use super::walk::Walker;
use crate::snapshot::{self, Snapshot, Source};
use std::collections::BTreeMap;
use suho_check::{FileId, Type};
use suho_syntax::ast::{self, Binding, Instance, StmtKind, UseSource};

/// A name in sight.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Named {
    /// Where it is given.
    pub(crate) place: Option<Place>,
    /// What it stands for.
    pub(crate) meaning: Meaning,
    /// The type of its value; unknown where it has none.
    pub(crate) ty: Type,
    /// Its documentation.
    pub(crate) doc: Option<String>,
}

/// Names in sight, each with what it stands for.
pub(crate) type Names = BTreeMap<String, Named>;

/// Values may be made of names of other files, and those of others: so deep they are followed.
const ROUNDS: usize = 3;

/// The names in sight of every file of `snapshot`, by number.
pub(crate) fn of(snapshot: &Snapshot, givens: &Givens) -> Vec<Names> {
    let mut all: Vec<Names> =
        snapshot.sources().map(|(file, source)| own(snapshot, file, source.tree())).collect();
    for _ in 0..ROUNDS {
        let before = all.clone();
        for ((file, source), names) in snapshot.sources().zip(&mut all) {
            take(snapshot, file, source, &before, names);
            for stmt in &source.tree().items {
                let StmtKind::Binding { keyword: Binding::Let, name, value: Some(value), .. } =
                    &stmt.kind
                else {
                    continue;
                };
                let ty = Walker::new(snapshot, givens, file, names).infer(value, &Scope::default());
                if let Some(named) = names.get_mut(&name.node) {
                    named.meaning = Meaning::Let(ty.clone());
                    named.ty = ty;
                }
            }
        }
        if all == before {
            break;
        }
    }
    all
}

/// The names that a file gives itself; of two alike the first counts.
fn own(snapshot: &Snapshot, file: FileId, tree: &ast::File) -> Names {
    let mut names = Names::new();
    for stmt in &tree.items {
        let (name, meaning, ty) = match &stmt.kind {
            StmtKind::Binding { keyword: Binding::Let, name, .. } => {
                (name, Meaning::Let(Type::Unknown), Type::Unknown)
            }
            StmtKind::Binding { keyword: Binding::Secret, name, .. } => {
                (name, Meaning::Secret, Type::Secret(Box::new(Type::Unknown)))
            }
            StmtKind::Instance(instance) => match instance.name.as_ref() {
                Some(name) => {
                    let (meaning, ty) = named_block(snapshot, instance, &name.node);
                    (name, meaning, ty)
                }
                None => continue,
            },
            _ => continue,
        };
        let place = Some(Place { file, span: name.span });
        let named = Named { place, meaning, ty, doc: stmt.doc.clone() };
        names.entry(name.node.clone()).or_insert(named);
    }
    names
}

/// What the name of a block outside of others stands for.
pub(crate) fn named_block(snapshot: &Snapshot, instance: &Instance, name: &str) -> (Meaning, Type) {
    let kind = instance.kind.first().map_or("", |kind| &*kind.node);
    if kind == "pipeline" {
        return (Meaning::Pipeline(name.to_owned()), Type::Unknown);
    }
    match snapshot.checked().library.resources.get(kind) {
        Some(signature) => {
            let ty = signature.outputs.first().map_or(Type::Unknown, |port| port.ty.clone());
            (Meaning::Resource(kind.to_owned()), ty)
        }
        None => (Meaning::Block(kind.to_owned()), Type::Unknown),
    }
}

/// Adds the names that a file takes from others.
fn take(snapshot: &Snapshot, file: FileId, source: &Source, all: &[Names], names: &mut Names) {
    let is_own = |named: &Named| named.place.is_some_and(|place| place.file == file);
    for stmt in &source.tree().items {
        let StmtKind::Use(used) = &stmt.kind else { continue };
        let UseSource::File(path) = &used.source else { continue };
        let target =
            snapshot::inside(source.name(), &path.node).and_then(|name| snapshot.file(&name));
        let Some(there) = target.and_then(|file| all.get(file.0)) else { continue };
        for each in &used.names {
            if let Some(named) = there.get(&each.name.node) {
                let here = each.alias.as_ref().unwrap_or(&each.name);
                if names.get(&here.node).is_some_and(is_own) {
                    continue;
                }
                names.insert(here.node.clone(), named.clone());
            }
        }
    }
}
