//! What stands outside of blocks: pipelines, the project, environments, resources, names.

use crate::FileId;
use crate::diagnostic::At;
use crate::diagnostics::duplicate;
use crate::elaborate::Elaborator;
use crate::program::Program;
use std::collections::BTreeMap;
use suho_domain::Name;
use suho_syntax::ast::{Binding, Instance, Stmt, StmtKind};

/// The program as far as it is gathered.
#[derive(Default)]
struct Gathered<'s> {
    program: Program,
    /// Looked at last: they speak of pipelines.
    environments: Vec<(&'s Instance, FileId)>,
    /// Where each kind and name was first given, over all files.
    places: BTreeMap<(&'s str, &'s str), At>,
}

impl<'a> Elaborator<'a> {
    /// Every file's statements, made into the program.
    pub(crate) fn program(&mut self) -> Program {
        let mut gathered = Gathered::default();
        let sources = self.sources;
        for (file, source) in sources.iter().filter(|(_, source)| source.module.is_none()) {
            for stmt in &source.tree.items {
                match &stmt.kind {
                    StmtKind::Instance(instance) => {
                        self.block(instance, stmt, file, &mut gathered);
                    }
                    StmtKind::Binding { keyword: Binding::Let | Binding::Secret, name, .. } => {
                        self.visit_named(&name.node, file);
                    }
                    StmtKind::Edition(_) | StmtKind::Use(_) | StmtKind::Definition(_) => {}
                    _ => self.misplaced(stmt, file, "outside a block"),
                }
            }
        }
        for (instance, file) in gathered.environments {
            self.environment(instance, file, &mut gathered.program);
        }
        gathered.program
    }

    fn block(
        &mut self,
        instance: &'a Instance,
        stmt: &Stmt,
        file: FileId,
        gathered: &mut Gathered<'a>,
    ) {
        let Some(kind) = instance.kind.first() else { return };
        let library = self.library;
        match &*kind.node {
            "pipeline" => {
                let pipeline = self.pipeline(instance, stmt, file);
                if let (Some(pipeline), true) = (pipeline, self.is_first(instance, file, gathered))
                {
                    gathered.program.pipelines.insert(pipeline.name.clone(), pipeline);
                }
            }
            "project" => {
                let project = self.project(instance, file);
                if self.is_first(instance, file, gathered) {
                    gathered.program.project = project;
                }
            }
            "env" => {
                if self.is_first(instance, file, gathered) {
                    gathered.environments.push((instance, file));
                }
            }
            word if library.resources.contains_key(word) => {
                if let Some(name) = &instance.name {
                    self.visit_named(&name.node, file);
                }
            }
            word if library.steps.contains_key(word) || word == "on" => {
                self.misplaced(stmt, file, "outside a pipeline");
            }
            word => {
                let known = library.resources.keys().map(Name::as_str);
                let known = known.chain(["pipeline", "project", "env"]);
                self.no_kind(word, At::new(file, kind.span), known);
            }
        }
    }

    /// Whether no file gave the same before; tells when one did. Of projects there is one.
    fn is_first(
        &mut self,
        instance: &'a Instance,
        file: FileId,
        gathered: &mut Gathered<'a>,
    ) -> bool {
        let Some(kind) = instance.kind.first() else { return false };
        let Some(name) = &instance.name else { return false };
        let at = At::new(file, name.span);
        let key = if kind.node == "project" { "" } else { &name.node };
        let Some(first) = gathered.places.get(&(&*kind.node, key)) else {
            gathered.places.insert((&kind.node, key), at);
            return true;
        };
        // Twice in one file was told of pipelines when names were gathered.
        if first.file != file || kind.node != "pipeline" {
            self.found.push(duplicate::new(at, &name.node, *first));
        }
        false
    }

    /// Checks what `name` is set to, though nothing may use it.
    fn visit_named(&mut self, name: &str, file: FileId) {
        if let Some(named) = self.symbols.get(file, name).filter(|named| named.at.file == file) {
            self.visit_secret(named.symbol, named.at);
            self.visit(name, named);
        }
    }
}
