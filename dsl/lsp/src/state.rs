//! What the server knows between messages: open documents over the files of projects, and the last
//! look at each project.

use crate::host::Host;
use crate::snapshot::Snapshot;
use crate::text::Text;
use crate::url::library_name;
use lsp_types::{TextDocumentContentChangeEvent, Url};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use suho_check::FileId;

/// An open document: what the editor shows counts, not the disk.
#[derive(Debug)]
struct Document {
    version: i32,
    text: Text,
    root: PathBuf,
}

/// A project in use.
#[derive(Debug, Default)]
struct Project {
    /// The files on disk when they were last looked at, by name.
    disk: BTreeMap<String, String>,
    /// The look at it as it is now; none after a change.
    now: Option<Rc<Snapshot>>,
    /// The last look at it.
    last: Option<Rc<Snapshot>>,
}

/// Documents and projects.
pub(crate) struct State<'h> {
    host: &'h dyn Host,
    documents: BTreeMap<PathBuf, Document>,
    projects: BTreeMap<PathBuf, Project>,
    /// Projects whose diagnostics may have changed.
    dirty: BTreeSet<PathBuf>,
    /// The project last asked about: files of the library are shown as of it.
    recent: Option<PathBuf>,
}

impl<'h> State<'h> {
    pub(crate) fn new(host: &'h dyn Host) -> Self {
        Self {
            host,
            documents: BTreeMap::new(),
            projects: BTreeMap::new(),
            dirty: BTreeSet::new(),
            recent: None,
        }
    }

    /// Takes up the project of a folder of the workspace, if there is one.
    pub(crate) fn folder(&mut self, folder: &Url) {
        if let Some(path) = path(folder) {
            let root = self.host.root(&path);
            self.load(&root);
        }
    }

    pub(crate) fn open(&mut self, url: &Url, version: i32, text: &str) {
        let Some(path) = path(url) else { return };
        let root = self.host.root(&path);
        self.load(&root);
        let text = Text::new(text);
        self.documents.insert(path, Document { version, text, root: root.clone() });
        self.touch(&root);
    }

    pub(crate) fn change(
        &mut self,
        url: &Url,
        version: i32,
        changes: &[TextDocumentContentChangeEvent],
    ) {
        let Some(document) = path(url).and_then(|path| self.documents.get_mut(&path)) else {
            return;
        };
        for change in changes {
            document.text.change(change);
        }
        document.version = version;
        let root = document.root.clone();
        self.touch(&root);
    }

    pub(crate) fn close(&mut self, url: &Url) {
        let Some(document) = path(url).and_then(|path| self.documents.remove(&path)) else {
            return;
        };
        self.reload(&document.root);
    }

    /// Looks at the disk again: something at `url` changed there.
    pub(crate) fn changed_on_disk(&mut self, url: &Url) {
        let Some(path) = path(url) else { return };
        let root = self.host.root(&path);
        // A `project.suho` that came or went moves the roots of what lies below it.
        let is_mark = path.file_name().is_some_and(|name| name == "project.suho");
        if is_mark {
            self.settle();
        }
        self.reload(&root);
    }

    /// Finds the root of every open document again.
    fn settle(&mut self) {
        let host = self.host;
        let mut moved = BTreeSet::new();
        for (path, document) in &mut self.documents {
            let root = host.root(path);
            if root != document.root {
                moved.insert(std::mem::replace(&mut document.root, root.clone()));
                moved.insert(root);
            }
        }
        for root in moved {
            self.reload(&root);
        }
    }

    fn load(&mut self, root: &Path) {
        if !self.projects.contains_key(root) {
            self.reload(root);
        }
    }

    fn reload(&mut self, root: &Path) {
        let disk = self.host.files(root).into_iter().collect();
        self.projects.entry(root.to_owned()).or_default().disk = disk;
        self.touch(root);
    }

    fn touch(&mut self, root: &Path) {
        if let Some(project) = self.projects.get_mut(root) {
            project.now = None;
        }
        self.dirty.insert(root.to_owned());
    }

    /// The project that `url` belongs to as it is now, and the file in it.
    pub(crate) fn file(&mut self, url: &Url) -> Option<(Rc<Snapshot>, FileId)> {
        if let Some(name) = library_name(url) {
            let root = self.recent.clone().or_else(|| self.projects.keys().next().cloned())?;
            let snapshot = self.snapshot(&root)?;
            let file = snapshot.library_file(&name)?;
            return Some((snapshot, file));
        }
        let path = path(url)?;
        let root = match self.documents.get(&path) {
            Some(document) => document.root.clone(),
            None => self.host.root(&path),
        };
        self.load(&root);
        self.recent = Some(root.clone());
        let snapshot = self.snapshot(&root)?;
        let file = snapshot.file(&name(&root, &path)?)?;
        Some((snapshot, file))
    }

    /// A project as it is now.
    pub(crate) fn snapshot(&mut self, root: &Path) -> Option<Rc<Snapshot>> {
        let project = self.projects.get_mut(root)?;
        if let Some(now) = &project.now {
            return Some(Rc::clone(now));
        }
        let mut files = project.disk.clone();
        for (path, document) in self.documents.iter().filter(|(_, it)| it.root == root) {
            if let Some(name) = name(root, path) {
                files.insert(name, document.text.as_str().to_owned());
            }
        }
        let files: Vec<(String, String)> = files.into_iter().collect();
        let snapshot = Rc::new(Snapshot::new(root, &files, self.host, project.last.as_deref()));
        project.now = Some(Rc::clone(&snapshot));
        project.last = Some(Rc::clone(&snapshot));
        Some(snapshot)
    }

    /// Every project in use, as it is now.
    pub(crate) fn snapshots(&mut self) -> Vec<Rc<Snapshot>> {
        let roots: Vec<PathBuf> = self.projects.keys().cloned().collect();
        roots.iter().filter_map(|root| self.snapshot(root)).collect()
    }

    /// The projects that changed since this was last asked.
    pub(crate) fn take_dirty(&mut self) -> Vec<Rc<Snapshot>> {
        let roots = std::mem::take(&mut self.dirty);
        roots.iter().filter_map(|root| self.snapshot(root)).collect()
    }

    /// The version of an open document.
    pub(crate) fn version(&self, path: &Path) -> Option<i32> {
        self.documents.get(path).map(|document| document.version)
    }
}

/// The path of a file on disk.
fn path(url: &Url) -> Option<PathBuf> {
    url.to_file_path().ok()
}

/// The name of a file of the project at `root`, with `/`.
fn name(root: &Path, path: &Path) -> Option<String> {
    let parts = path.strip_prefix(root).ok()?.components();
    let parts: Vec<_> = parts.map(|part| part.as_os_str().to_string_lossy()).collect();
    Some(parts.join("/"))
}
