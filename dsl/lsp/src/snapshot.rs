//! A project at one moment: its files as they stand in the editor, and what the checker says of
//! them. Everything an editor asks is answered from one.

use crate::host::Host;
use crate::index::Index;
use crate::text::Text;
use std::cell::{OnceCell, RefCell};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use suho_check::{Cache, Checked, FileId, Reading, World};
use suho_syntax::ast::Stmt;

/// A project's files, checked.
#[derive(Debug)]
pub struct Snapshot {
    root: PathBuf,
    checked: Checked,
    /// What the checker read, for questions about places.
    reading: Reading,
    /// By [`FileId`]; the library's follow the project's.
    sources: Vec<Rc<Source>>,
    numbers: BTreeMap<String, FileId>,
    features: Vec<String>,
    index: OnceCell<Index>,
    /// What checking has read, for the next snapshot.
    cache: Rc<RefCell<Cache>>,
}

/// One file.
#[derive(Debug)]
pub struct Source {
    name: String,
    text: Text,
    is_library: bool,
}

impl Source {
    pub(crate) fn new(name: &str, text: &str, is_library: bool) -> Self {
        let (name, text) = (name.to_owned(), Text::new(text));
        Self { name, text, is_library }
    }

    /// Its name relative to the project's root; `std/ml.suho` in the library.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its text.
    pub fn text(&self) -> &Text {
        &self.text
    }

    /// Whether it is of the library, not of the project.
    pub fn is_library(&self) -> bool {
        self.is_library
    }
}

impl Snapshot {
    /// Checks `files`, name and text each, as `suho check` would.
    ///
    /// What did not change since `before` is not read again.
    pub fn new(
        root: &Path,
        files: &[(String, String)],
        host: &dyn Host,
        before: Option<&Self>,
    ) -> Self {
        let world = Project { root, host };
        // Places in a file are counted without its mark, as editors count them.
        let files: Vec<(String, String)> =
            files.iter().map(|(name, text)| (name.clone(), unmarked(text).to_owned())).collect();
        let library: Vec<String> =
            host.prelude().into_iter().map(|(name, _)| format!("std/{name}")).collect();
        let cache = before.map_or_else(Rc::default, |before| Rc::clone(&before.cache));
        let (checked, reading) =
            suho_check::check_and_keep(&files, &world, &mut cache.borrow_mut());
        let is_library = |number: usize, name: &String| {
            let behind = files.len()..files.len() + library.len();
            behind.contains(&number) && library.contains(name)
        };
        let known = |name: &str, text: &str| {
            let before = before?;
            let source = before.sources.get(before.numbers.get(name)?.0)?;
            (source.text.as_str() == text).then(|| Rc::clone(source))
        };
        let sources: Vec<Rc<Source>> = checked
            .sources
            .iter()
            .enumerate()
            .map(|(number, (name, text))| {
                let new = || Rc::new(Source::new(name, text, is_library(number, name)));
                known(name, text).unwrap_or_else(new)
            })
            .collect();
        let numbers = sources
            .iter()
            .enumerate()
            .filter(|(_, source)| !source.is_library)
            .map(|(number, source)| (source.name.clone(), FileId(number)))
            .collect();
        let features = host.features().unwrap_or_default();
        let (root, index) = (root.to_owned(), OnceCell::new());
        Self { root, checked, reading, sources, numbers, features, index, cache }
    }

    /// The project's root.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// What the checker says.
    pub fn checked(&self) -> &Checked {
        &self.checked
    }

    /// What the checker read, for questions about places.
    pub(crate) fn reading(&self) -> &Reading {
        &self.reading
    }

    /// The statements of a file.
    pub(crate) fn statements(&self, file: FileId) -> &[Stmt] {
        self.reading.tree(file).map(|tree| tree.items.as_slice()).unwrap_or_default()
    }

    /// Every file, by [`FileId`].
    pub fn sources(&self) -> impl Iterator<Item = (FileId, &Source)> {
        self.sources.iter().enumerate().map(|(number, source)| (FileId(number), &**source))
    }

    /// A file by its number.
    pub fn source(&self, file: FileId) -> Option<&Source> {
        self.sources.get(file.0).map(|source| &**source)
    }

    /// A file of the project by its name.
    pub fn file(&self, name: &str) -> Option<FileId> {
        self.numbers.get(name).copied()
    }

    /// A file of the library by its name, `std/ml.suho`.
    pub fn library_file(&self, name: &str) -> Option<FileId> {
        self.sources()
            .find(|(_, source)| source.is_library && source.name == name)
            .map(|(file, _)| file)
    }

    /// The features of the catalogue.
    pub(crate) fn features(&self) -> &[String] {
        &self.features
    }

    /// What every name of every file stands for.
    pub(crate) fn index(&self) -> &Index {
        self.index.get_or_init(|| Index::of(self))
    }
}

/// A project as the checker sees the world.
struct Project<'a> {
    root: &'a Path,
    host: &'a dyn Host,
}

impl World for Project<'_> {
    fn prelude(&self) -> Vec<(String, String)> {
        self.host.prelude()
    }

    fn read(&self, from: &str, path: &str) -> Result<(String, String), String> {
        let name =
            inside(from, path).ok_or_else(|| format!("`{path}` lies outside the project"))?;
        let text = self.host.read(self.root, &name)?;
        Ok((name, unmarked(&text).to_owned()))
    }

    fn features(&self) -> Option<Vec<String>> {
        self.host.features()
    }

    fn judge_feature(&self) -> Option<suho_check::JudgeFeature> {
        self.host.judge_feature()
    }
}

/// A text without the byte order mark at its start.
fn unmarked(text: &str) -> &str {
    text.strip_prefix('\u{FEFF}').unwrap_or(text)
}

/// The name, relative to the root, that `path` has in a `use` of the file `from`; none where it
/// leads out of the root.
pub(crate) fn inside(from: &str, path: &str) -> Option<String> {
    if path.starts_with('/') {
        return None;
    }
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}
