//! Tree to typed program and diagnostics. Checking never stops at the first mistake.

mod analysis;
mod block;
mod cache;
mod diagnostic;
mod diagnostics;
mod elaborate;
mod fix;
mod flow;
mod fold;
mod form;
mod library;
mod mark;
mod matrix;
mod mention;
mod monitor;
mod near;
mod origin;
mod pipeline;
pub mod program;
mod project;
mod report;
mod rewrite;
mod sarif;
mod scenario;
mod source;
mod statement;
mod symbol;
mod trigger;
mod ty;

pub use cache::Cache;
pub use diagnostic::{At, Diagnostic, Edit, FileId, Help, Severity};
pub use diagnostics::{CODES, explain};
pub use elaborate::zone::{begun, days_before};
pub use fix::{Fixed, Mended, fix};
pub use fold::call;
pub use mention::{
    Block, Called, InSight, Key, Keyed, Meaning, Mention, PortOf, Probe, Reading, Wanted,
    arguments_of, fields_of, outputs_of, ports_of,
};
pub use near::nearest;
pub use origin::{Caller, Link, NoOrigin, Origin, Question, origins};
pub use program::Program;
pub use sarif::sarif;
pub use ty::resolve::known as types;
pub use ty::{Better, Choice, Library, Metric, Phase, Port, Signature, Type};

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

    /// What judges a feature's whole name, numbers and modifiers included; `None` where the caller
    /// knows no more than [`features`](Self::features).
    fn judge_feature(&self) -> Option<JudgeFeature> {
        None
    }
}

/// Says whether a pipeline may name a feature so.
pub type JudgeFeature = fn(&str) -> Result<(), NoFeature>;

/// What is wrong with the name of a feature.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct NoFeature {
    /// A sentence fragment that names the feature.
    pub why: String,
    /// What to write instead.
    pub help: String,
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
    check_with(entry, world, &mut Cache::default())
}

/// As [`check`]; texts that were read before are taken from `cache`.
pub fn check_with(entry: &[(String, String)], world: &dyn World, cache: &mut Cache) -> Checked {
    let (checked, sources, _) = look(entry, world, cache);
    let sources = sources.files.into_iter().map(|source| (source.name, source.text)).collect();
    Checked { sources, ..checked }
}

/// As [`check_with`], with what was read kept for questions about places.
pub fn check_and_keep(
    entry: &[(String, String)],
    world: &dyn World,
    cache: &mut Cache,
) -> (Checked, Reading) {
    let (checked, sources, stock) = look(entry, world, cache);
    let texts = sources.files.iter().map(|source| (source.name.clone(), source.text.clone()));
    let checked = Checked { sources: texts.collect(), ..checked };
    (checked, Reading::new(sources, stock, world.features()))
}

/// What checking finds, the texts left out; and what it read.
fn look(
    entry: &[(String, String)],
    world: &dyn World,
    cache: &mut Cache,
) -> (Checked, source::Sources, library::Stock) {
    let (sources, mut found) = source::Sources::load(entry, world, cache);
    let (mut stock, more) = library::build(&sources, cache);
    cache.turn();
    found.extend(more);
    found.extend(mark::read(&sources, &mut stock.library));
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
    elaborator.judge = world.judge_feature();
    let program = elaborator.program();
    found.append(&mut elaborator.found);
    let more = analysis::look(&program, &stock.library, &sources, &found);
    found.extend(more);
    let diagnostics = report::ordered(found);
    let library = stock.library.clone();
    (Checked { program, library, diagnostics, sources: Vec::new() }, sources, stock)
}

#[cfg(test)]
mod tests;
