//! Tree to typed program and diagnostics. Checking never stops at the first mistake.

mod block;
mod diagnostic;
mod diagnostics;
mod elaborate;
mod flow;
mod fold;
mod form;
mod library;
mod near;
mod pipeline;
pub mod program;
mod project;
mod report;
mod source;
mod symbol;
mod ty;

pub use diagnostic::{Diagnostic, Edit, FileId, Help, Severity};
pub use diagnostics::{CODES, explain};
pub use program::Program;
pub use ty::{Better, Choice, Library, Metric, Phase, Port, Signature, Type};

use diagnostic::At;
use suho_domain::Name;
use suho_syntax::ast::{Binding, Instance, Stmt, StmtKind};

/// All of the outside that checking needs.
pub trait World {
    /// The files of the prelude: name (`ml.suho`) and text.
    fn prelude(&self) -> Vec<(String, String)>;

    /// The text of the file that `path` names in a `use` of the file `from`; both relative to the
    /// project's root. An error is one sentence fragment for the reader.
    ///
    /// # Errors
    /// When there is no such file inside the root, or it cannot be read.
    fn read(&self, from: &str, path: &str) -> Result<(String, String), String>;

    /// The names of every feature of the catalogue; `None` where the caller does not know them and
    /// feature names go unchecked.
    fn features(&self) -> Option<Vec<String>>;
}

/// What checking gives.
#[derive(Clone, Debug)]
pub struct Checked {
    /// What could be understood. Complete when no diagnostic is an error.
    pub program: Program,
    /// Signatures in force.
    pub library: Library,
    /// Everything wrong, in the order of files and places.
    pub diagnostics: Vec<Diagnostic>,
    /// The files looked at: name and text, by [`FileId`].
    pub sources: Vec<(String, String)>,
}

/// Checks the files `entry`, name and text each, together with all that they use.
///
/// Names are relative to the project's root. A file that is used is asked of [`World::read`] once;
/// nothing else is read. What is broken is left out of the program, so that the rest can be looked
/// at; only a program without an error among its diagnostics is whole.
pub fn check(entry: &[(String, String)], world: &dyn World) -> Checked {
    let (sources, mut found) = source::Sources::load(entry, world);
    let (stock, more) = library::build(&sources);
    found.extend(more);
    let (symbols, more) = symbol::Symbols::of(&sources, &stock.library);
    found.extend(more);
    let features = world.features();
    let mut elaborator = elaborate::Elaborator::new(
        &stock.library,
        &sources,
        &symbols,
        features.as_deref(),
        &stock.modules,
    );
    let program = elaborator.program();
    found.append(&mut elaborator.found);
    let diagnostics = report::ordered(found);
    let sources = sources.files.into_iter().map(|source| (source.name, source.text)).collect();
    Checked { program, library: stock.library, diagnostics, sources }
}

impl elaborate::Elaborator<'_> {
    /// Every file's statements, made into the program.
    fn program(&mut self) -> Program {
        let mut program = Program::default();
        let mut environments = Vec::new();
        let sources = self.sources;
        for (file, source) in sources.iter().filter(|(_, source)| source.module.is_none()) {
            for stmt in &source.tree.items {
                match &stmt.kind {
                    StmtKind::Instance(instance) => {
                        self.top_level(instance, stmt, file, &mut program, &mut environments);
                    }
                    StmtKind::Binding { keyword: Binding::Let | Binding::Secret, name, .. } => {
                        self.visit_named(&name.node, file);
                    }
                    StmtKind::Edition(_) | StmtKind::Use(_) | StmtKind::Definition(_) => {}
                    _ => self.misplaced(stmt, file, "outside a block"),
                }
            }
        }
        for (instance, file) in environments {
            self.environment(instance, file, &mut program);
        }
        program
    }

    fn top_level<'i>(
        &mut self,
        instance: &'i Instance,
        stmt: &Stmt,
        file: FileId,
        program: &mut Program,
        environments: &mut Vec<(&'i Instance, FileId)>,
    ) {
        let Some(kind) = instance.kind.first() else { return };
        let library = self.library;
        match &*kind.node {
            "pipeline" => {
                let Some(pipeline) = self.pipeline(instance, stmt, file) else { return };
                let name = instance.name.as_ref().map_or(kind.span, |name| name.span);
                let at = At::new(file, name);
                if let Some(first) = program.pipelines.get(&pipeline.name) {
                    let first = format!("{}:{}", first.place.file, first.place.line);
                    let found = diagnostics::duplicate::new(at, pipeline.name.as_str(), at);
                    // Twice in one file was told when its names were gathered.
                    if self.symbols.get(file, pipeline.name.as_str()).is_some_and(|it| it.at == at)
                    {
                        self.found.push(found.help(format!("the first one is at {first}")));
                    }
                    return;
                }
                program.pipelines.insert(pipeline.name.clone(), pipeline);
            }
            "project" => program.project = self.project(instance, file),
            "env" => environments.push((instance, file)),
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
                let at = At::new(file, kind.span);
                self.no_kind(word, at, known);
            }
        }
    }

    fn visit_named(&mut self, name: &str, file: FileId) {
        if let Some(named) = self.symbols.get(file, name).filter(|named| named.at.file == file) {
            self.visit_secret(named.symbol, named.at);
            self.visit(name, named);
        }
    }
}

#[cfg(test)]
mod tests;
