//! Pipelines' own tests: the corpus of `tests/lang/testing`, and every test of `pipelines/` and the
//! examples. Beside each `NAME.suho` of the corpus stands what comes of it, `NAME.txt`.
//!
//! `BLESS=1` redraws the answers; a person reads the diff.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use suho_check::{Checked, Severity, World, check};
use suho_domain::fault;
use suho_simulate::{Coverage, Report, SimulateError, run};

/// The prelude as it is, and the files below a folder.
struct Files {
    root: PathBuf,
}

impl World for Files {
    fn prelude(&self) -> Vec<(String, String)> {
        let name = |path: &PathBuf| path.file_name().unwrap().to_str().unwrap().to_owned();
        let files = files(&root().join("stdlib/prelude"), "suho");
        files.iter().map(|path| (name(path), read(path))).collect()
    }

    fn read(&self, _from: &str, path: &str) -> Result<(String, String), String> {
        let file = path.trim_start_matches("./");
        let text = std::fs::read_to_string(self.root.join(file));
        text.map(|text| (file.to_owned(), text)).map_err(|_| "there is no such file".to_owned())
    }

    fn features(&self) -> Option<Vec<String>> {
        None
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap()
}

fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let entries = folder.read_dir().unwrap().map(|entry| entry.unwrap().path());
    let wanted = |path: &PathBuf| path.extension().is_some_and(|kind| kind == extension);
    let mut files: Vec<_> = entries.filter(wanted).collect();
    files.sort();
    files
}

/// Checks the files at `paths`, which lie in `folder`; they have no mistakes.
fn checked(folder: &Path, paths: &[PathBuf]) -> Checked {
    let name = |path: &PathBuf| path.file_name().unwrap().to_str().unwrap().to_owned();
    let entry: Vec<_> = paths.iter().map(|path| (name(path), read(path))).collect();
    let checked = check(&entry, &Files { root: folder.to_owned() });
    let errors = checked.diagnostics.iter().filter(|found| found.severity == Severity::Error);
    let errors: Vec<_> = errors.map(|found| &found.message).collect();
    assert!(errors.is_empty(), "{paths:?}: {errors:?}");
    checked
}

/// One test's answer, as the corpus keeps it.
fn said(name: &str, answer: &Result<Report, SimulateError>) -> String {
    let mut text = String::new();
    match answer {
        Err(error) => {
            writeln!(text, "cannot run  {name}").unwrap();
            writeln!(text, "    line {}: {}", error.place().line, fault::chain(error)).unwrap();
            if let Some(help) = error.help() {
                writeln!(text, "    {help}").unwrap();
            }
        }
        Ok(report) => {
            let word = if report.failure.is_some() { "FAILED" } else { "passed" };
            write!(text, "{word}  {name}  {}", report.covered).unwrap();
            if let Some(cells) = report.cells {
                let how = if cells.is_exhaustive { "exhaustive" } else { "not exhaustive" };
                write!(text, "  {} of {} cells, {how}", cells.played, cells.all).unwrap();
            }
            text.push('\n');
            for warning in &report.warnings {
                writeln!(text, "    warning: {warning}").unwrap();
            }
            if let Some(failure) = &report.failure {
                let line = failure.place.line;
                writeln!(text, "    line {line}: {} after {}", failure.expected, failure.after)
                    .unwrap();
                for seen in &failure.seen {
                    writeln!(text, "      {seen}").unwrap();
                }
                for chosen in &failure.given {
                    let value = chosen.value.as_deref().unwrap_or("whatever it is");
                    writeln!(text, "      given {} = {value}", chosen.name).unwrap();
                }
                for line in &failure.timeline {
                    writeln!(text, "      +{:<10} {}", line.after.to_string(), line.text).unwrap();
                }
            }
        }
    }
    text
}

/// Every test of `checked`, and what the rules said.
fn answers(checked: &Checked) -> (String, Coverage, bool) {
    let (mut text, mut coverage, mut all_passed) = (String::new(), Coverage::default(), true);
    for scenario in &checked.program.tests {
        let answer = run(scenario, &checked.program, &checked.library, &mut coverage);
        all_passed &= answer.as_ref().is_ok_and(|report| report.failure.is_none());
        text.push_str(&said(&scenario.name, &answer));
    }
    (text, coverage, all_passed)
}

#[test]
fn tests_come_to_what_the_corpus_says() {
    let folder = root().join("tests/lang/testing");
    let mut wrong = Vec::new();
    for path in files(&folder, "suho") {
        if path.file_name().is_some_and(|name| name == "pipeline.suho") {
            continue;
        }
        let (answer, ..) = answers(&checked(&folder, std::slice::from_ref(&path)));
        let kept = path.with_extension("txt");
        if std::env::vars().any(|(name, _)| name == "BLESS") {
            std::fs::write(&kept, &answer).unwrap();
        } else if std::fs::read_to_string(&kept).ok().as_deref() != Some(&*answer) {
            wrong.push(format!("{}:\n{answer}", path.display()));
        }
    }
    assert!(wrong.is_empty(), "{}\nBLESS=1 redraws them", wrong.join("\n"));
}

#[test]
fn every_test_of_the_pipelines_passes() {
    for folder in ["pipelines", "examples/quickstart", "examples/strict_gate"] {
        let folder = root().join(folder);
        let checked = checked(&folder, &files(&folder, "suho"));
        let (answer, _, all_passed) = answers(&checked);
        assert!(all_passed, "{answer}");
    }
}
