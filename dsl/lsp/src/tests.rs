//! A disk in memory with the real library and the examples, and texts whose cursor is written `|`.

use crate::{Host, Snapshot};
use lsp_types::Position;
use std::path::{Path, PathBuf};
use suho_check::FileId;

/// Files by absolute path.
#[derive(Clone, Debug, Default)]
pub(crate) struct Disk(pub(crate) Vec<(String, String)>);

/// Where the projects of tests lie.
pub(crate) const ROOT: &str = "/work";

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

pub(crate) fn read(path: &str) -> String {
    std::fs::read_to_string(repository().join(path)).unwrap()
}

impl Disk {
    /// The quickstart at [`ROOT`].
    pub(crate) fn quickstart() -> Self {
        let file =
            |name: &str| (format!("{ROOT}/{name}"), read(&format!("examples/quickstart/{name}")));
        Self(["model.suho", "pipeline.suho", "project.suho"].map(file).to_vec())
    }

    /// With another text for a file, or another file.
    pub(crate) fn with(mut self, name: &str, text: &str) -> Self {
        let path = format!("{ROOT}/{name}");
        self.0.retain(|(each, _)| *each != path);
        self.0.push((path, text.to_owned()));
        self.0.sort();
        self
    }

    pub(crate) fn snapshot(&self) -> Snapshot {
        Snapshot::new(Path::new(ROOT), &self.files(Path::new(ROOT)), self, None)
    }
}

impl Host for Disk {
    fn root(&self, path: &Path) -> PathBuf {
        let holds = |folder: &&Path| {
            let mark = folder.join("project.suho");
            self.0.iter().any(|(path, _)| Path::new(path) == mark)
        };
        let folder = path.parent().unwrap_or(path);
        path.ancestors().find(holds).unwrap_or(folder).to_owned()
    }

    fn files(&self, root: &Path) -> Vec<(String, String)> {
        let named = self.0.iter().filter_map(|(path, text)| {
            let name = Path::new(path).strip_prefix(root).ok()?;
            Some((name.to_str()?.to_owned(), text.clone()))
        });
        named.collect()
    }

    fn read(&self, root: &Path, name: &str) -> Result<String, String> {
        let files = self.files(root);
        let found = files.into_iter().find(|(each, _)| each == name);
        found.map(|(_, text)| text).ok_or_else(|| "there is no such file".to_owned())
    }

    fn prelude(&self) -> Vec<(String, String)> {
        let mut files: Vec<_> = repository()
            .join("stdlib/prelude")
            .read_dir()
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        files.sort();
        let text = |name: &String| read(&format!("stdlib/prelude/{name}"));
        files.iter().map(|name| (name.clone(), text(name))).collect()
    }

    fn features(&self) -> Option<Vec<String>> {
        let names = "close rsi_14 macd_histogram bb_percent_b atr_14 volume_ratio adx_14 stoch_k volume_z_20";
        Some(names.split_whitespace().map(str::to_owned).collect())
    }
}

/// A file with one `|` in it, in the quickstart's project: the project, the file, the cursor.
pub(crate) fn cursor(marked: &str) -> (Snapshot, FileId, Position) {
    let (before, after) = marked.split_once('|').expect("the text has no cursor");
    let name = "here.suho";
    let snapshot = Disk::quickstart().with(name, &[before, after].concat()).snapshot();
    let file = snapshot.file(name).unwrap();
    let position = snapshot.source(file).unwrap().text().position(before.len());
    (snapshot, file, position)
}

/// The pipeline of the quickstart with `new` in the place of `old`, under another name.
pub(crate) fn pipeline(old: &str, new: &str) -> String {
    let text = read("examples/quickstart/pipeline.suho").replace("quickstart(", "here(");
    assert_eq!(text.matches(old).count(), 1, "`{old}`");
    text.replace(old, new)
}
