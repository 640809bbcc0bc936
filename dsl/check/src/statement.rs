//! What stands outside of blocks: pipelines, the project, environments, resources, names.

use crate::diagnostic::At;
use crate::diagnostics::duplicate;
use crate::elaborate::Elaborator;
use crate::matrix::MATRIX;
use crate::monitor::MONITOR;
use crate::program::{Expr, Matrix, Program, Resource, Scenario, Secret, Trigger};
use crate::scenario::TEST;
use crate::symbol::Named;
use crate::trigger::TRIGGER;
use crate::{FileId, Type};
use std::collections::BTreeMap;
use suho_domain::{Name, Value};
use suho_syntax::ast::{Binding, File, Instance, Stmt, StmtKind};

/// The program as far as it is gathered.
#[derive(Default)]
struct Gathered<'s> {
    program: Program,
    /// Looked at last: they speak of pipelines and monitors.
    later: Vec<(&'s Instance, &'s Stmt, FileId)>,
    /// Where each kind and name was first given, over all files.
    places: BTreeMap<(&'s str, &'s str), At>,
}

/// What speaks of pipelines and monitors.
enum Later {
    Environment(Name, BTreeMap<String, Expr>),
    Trigger(Trigger),
    Matrix(Matrix),
    Test(Scenario),
    Broken,
}

impl<'a> Elaborator<'a> {
    /// Every file's statements, made into the program.
    pub(crate) fn program(&mut self) -> Program {
        let mut gathered = Gathered::default();
        let sources = self.sources;
        self.project_first(&mut gathered);
        for (file, source) in sources.iter().filter(|(_, source)| source.module.is_none()) {
            for stmt in &source.tree.items {
                match &stmt.kind {
                    StmtKind::Instance(instance) => {
                        self.block(instance, stmt, file, &mut gathered);
                    }
                    StmtKind::Binding { keyword: Binding::Let, name, .. } => {
                        self.visit_named(&name.node, file);
                    }
                    StmtKind::Binding { keyword: Binding::Secret, name, .. } => {
                        let secret = self.secret_given(&name.node, file);
                        gathered.program.secrets.extend(secret);
                    }
                    StmtKind::Edition(_) | StmtKind::Use(_) | StmtKind::Definition(_) => {}
                    _ => self.misplaced(stmt, file, "outside a block"),
                }
            }
        }
        let Gathered { mut program, later, .. } = gathered;
        for (instance, stmt, file) in later {
            match self.block_later(instance, stmt, file, &program) {
                Later::Environment(name, settings) => {
                    program.environments.insert(name, settings);
                }
                Later::Trigger(it) => drop(program.triggers.insert(it.name.clone(), it)),
                Later::Matrix(it) => drop(program.matrices.insert(it.name.clone(), it)),
                Later::Test(it) => program.tests.push(it),
                Later::Broken => {}
            }
        }
        program
    }

    /// The statements of `trees` once more, for what is noted on the way; `program` is what came of
    /// the first time.
    pub(crate) fn again(
        &mut self,
        trees: impl Iterator<Item = (FileId, &'a File)>,
        program: &Program,
    ) {
        self.project_first(&mut Gathered::default());
        for (file, tree) in trees {
            let mut gathered = Gathered::default();
            self.written(file, tree, program);
            for stmt in &tree.items {
                match &stmt.kind {
                    StmtKind::Instance(instance) if is_of_kind(instance, "project") => {
                        self.project(instance, file);
                    }
                    StmtKind::Instance(instance) => {
                        self.block(instance, stmt, file, &mut gathered);
                    }
                    StmtKind::Binding { name, .. } => {
                        self.visit_named(&name.node, file);
                    }
                    _ => {}
                }
            }
            for (instance, stmt, file) in gathered.later {
                self.block_later(instance, stmt, file, program);
            }
        }
    }

    /// What all pipelines share must be known before the first of them.
    fn project_first(&mut self, gathered: &mut Gathered<'a>) {
        let sources = self.sources;
        for (file, source) in sources.iter().filter(|(_, source)| source.module.is_none()) {
            for stmt in &source.tree.items {
                let StmtKind::Instance(instance) = &stmt.kind else { continue };
                if !is_of_kind(instance, "project") {
                    continue;
                }
                let project = self.project(instance, file);
                if self.is_first(instance, file, gathered) {
                    self.settle(&project);
                    gathered.program.project = project;
                }
            }
        }
    }

    /// A block that speaks of pipelines or monitors of any file.
    fn block_later(
        &mut self,
        instance: &Instance,
        stmt: &Stmt,
        file: FileId,
        program: &Program,
    ) -> Later {
        let later = if is_of_kind(instance, "env") {
            let environment = self.environment(instance, file, program);
            environment.map(|(name, settings)| Later::Environment(name, settings))
        } else if is_of_kind(instance, "trigger") {
            self.trigger(instance, stmt, file, program).map(Later::Trigger)
        } else if is_of_kind(instance, "matrix") {
            self.matrix(instance, stmt, file).map(Later::Matrix)
        } else {
            self.scenario(instance, stmt, file).map(Later::Test)
        };
        later.unwrap_or(Later::Broken)
    }

    fn block(
        &mut self,
        instance: &'a Instance,
        stmt: &'a Stmt,
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
            "monitor" => {
                self.use_block(&kind.node, At::new(file, kind.span));
                let monitor = self.monitor(instance, stmt, file);
                if let (Some(monitor), true) = (monitor, self.is_first(instance, file, gathered)) {
                    gathered.program.monitors.insert(monitor.name.clone(), monitor);
                }
            }
            "env" | "trigger" | "matrix" | "test" => {
                self.use_block(&kind.node, At::new(file, kind.span));
                if self.is_first(instance, file, gathered) {
                    gathered.later.push((instance, stmt, file));
                }
            }
            "project" => {}
            word if library.resources.contains_key(word) => {
                gathered.program.resources.extend(self.resource_given(instance, stmt, file));
            }
            word if library.watches.contains_key(word) => {
                self.misplaced(stmt, file, "outside a monitor");
            }
            word if library.steps.contains_key(word) || word == "on" => {
                self.misplaced(stmt, file, "outside a pipeline");
            }
            word => {
                let known = library.resources.keys().map(Name::as_str);
                let known = known.chain(BLOCKS);
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
        if first.file != file || !["pipeline", "monitor"].contains(&&*kind.node) {
            self.found.push(duplicate::new(at, &name.node, *first));
        }
        false
    }

    /// A secret that `file` gives, told of where it is wrong.
    fn secret_given(&mut self, name: &str, file: FileId) -> Option<Secret> {
        let named = self.visit_named(name, file)?;
        let typed = self.visit(name, named);
        let (Type::Secret(ty), Expr::Value(Value::Variant(source))) = (typed.ty, typed.expr) else {
            return None;
        };
        let name = Name::new(name).ok()?;
        Some(Secret { name, ty: *ty, source, place: self.spot(named.at) })
    }

    /// A resource that `file` gives.
    fn resource_given(
        &mut self,
        instance: &Instance,
        stmt: &Stmt,
        file: FileId,
    ) -> Option<Resource> {
        let name = instance.name.as_ref()?;
        let named = self.visit_named(&name.node, file)?;
        let typed = self.visit(&name.node, named);
        Some(Resource {
            name: Name::new(&*name.node).ok()?,
            kind: Name::new(&*instance.kind.first()?.node).ok()?,
            doc: stmt.doc.clone(),
            ty: typed.ty,
            value: typed.expr,
            place: self.spot(At::new(file, stmt.span)),
        })
    }

    /// Tells when the part of the library that a block of the kind `kind` comes from is not used.
    fn use_block(&mut self, kind: &str, at: At) {
        let record = RECORDS.iter().find(|(block, _)| *block == kind);
        if let Some(module) = record.and_then(|(_, record)| self.modules.get(*record)) {
            self.use_module(kind, module, at);
        }
    }

    /// Checks what `name` is set to, though nothing may use it.
    fn visit_named(&mut self, name: &str, file: FileId) -> Option<Named<'a>> {
        let named = self.symbols.get(file, name).filter(|named| named.at.file == file)?;
        self.visit_secret(named.symbol, named.at);
        self.visit(name, named);
        Some(named)
    }
}

/// Kinds of blocks that the language itself knows, outside of pipelines.
const BLOCKS: [&str; 7] = ["pipeline", "project", "env", "monitor", "trigger", "matrix", "test"];
/// The records of the library that list the attributes of some of them.
const RECORDS: [(&str, &str); 4] =
    [("monitor", MONITOR), ("trigger", TRIGGER), ("matrix", MATRIX), ("test", TEST)];

fn is_of_kind(instance: &Instance, kind: &str) -> bool {
    matches!(instance.kind.as_slice(), [only] if only.node == kind)
}
