//! What this crate's tests share: programs from text, against the prelude as it is.

use crate::{Binding, Plan, build_in};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use suho_check::{Checked, Severity, World, check};

/// The prelude, and files by name.
pub(crate) struct Files<'a>(pub(crate) &'a [(&'a str, &'a str)]);

impl World for Files<'_> {
    fn prelude(&self) -> Vec<(String, String)> {
        let files = [
            ("core.suho", include_str!("../../../stdlib/prelude/core.suho")),
            ("ml.suho", include_str!("../../../stdlib/prelude/ml.suho")),
            ("ops.suho", include_str!("../../../stdlib/prelude/ops.suho")),
            ("rollout.suho", include_str!("../../../stdlib/prelude/rollout.suho")),
            ("sim.suho", include_str!("../../../stdlib/prelude/sim.suho")),
        ];
        files.map(|(name, text)| (name.to_owned(), text.to_owned())).to_vec()
    }

    fn read(&self, _from: &str, path: &str) -> Result<(String, String), String> {
        let name = path.trim_start_matches("./");
        let found = self.0.iter().find(|(each, _)| *each == name);
        let (name, text) = found.ok_or("there is no such file")?;
        Ok(((*name).to_owned(), (*text).to_owned()))
    }

    fn features(&self) -> Option<Vec<String>> {
        None
    }
}

/// A whole pipeline, as small as it can be; tests change words of it.
pub(crate) const TINY: &str = include_str!("../../../tests/cli/tiny/pipeline.suho");

/// `files` checked together; a mistake fails the test.
pub(crate) fn checked(files: &[(&str, &str)]) -> Checked {
    let owned: Vec<_> =
        files.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
    let checked = check(&owned, &Files(files));
    let wrong = checked.diagnostics.iter().find(|d| d.severity == Severity::Error);
    assert!(wrong.is_none(), "{wrong:#?}");
    checked
}

/// The plan of the only pipeline of `text`.
pub(crate) fn planned(text: &str) -> Plan {
    planned_with(&[("pipeline.suho", text)], &[])
}

/// The plan of the only pipeline of `files`, with parameters from the command line.
pub(crate) fn planned_with(files: &[(&str, &str)], arguments: &[(&str, &str)]) -> Plan {
    let checked = checked(files);
    let name = checked.program.pipelines.keys().next().unwrap();
    let arguments: Vec<_> =
        arguments.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
    build_in(&checked.program, name.as_str(), &Binding::of(&arguments)).unwrap()
}

/// Every `.suho` file of the repository that belongs to a project that can be planned, by project.
pub(crate) fn projects() -> BTreeMap<String, Vec<(String, String)>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    ["examples/quickstart", "examples/strict_gate", "pipelines", "tests/cli/tiny"]
        .into_iter()
        .map(|project| (project.to_owned(), suho_files(&root.join(project))))
        .collect()
}

/// The `.suho` files of a folder, name and text, in order.
pub(crate) fn suho_files(folder: &Path) -> Vec<(String, String)> {
    let mut paths: Vec<PathBuf> =
        folder.read_dir().unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|kind| kind == "suho"));
    paths.sort();
    let name = |path: &PathBuf| path.file_name().unwrap().to_str().unwrap().to_owned();
    paths.iter().map(|path| (name(path), std::fs::read_to_string(path).unwrap())).collect()
}
