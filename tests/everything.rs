//! Everything in `pipelines/` and `examples/` is sound: it has no mistake, stands in the one layout,
//! can be planned, and passes its own tests. The binary under test looks at the files where they are,
//! and writes none.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// When every plan is made.
const AT: &str = "2026-11-23T12:00Z";
/// What pipelines need to be given: pipeline, parameter and value.
const GIVEN: &[(&str, &str)] =
    &[("fx_lstm", "spec=eurusd_lstm_1h"), ("legacy_bridge", "window=last(1y)")];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// `pipelines`, and every example that has a text.
fn projects() -> Vec<PathBuf> {
    let examples = root().join("examples").read_dir().unwrap();
    let examples = examples.map(|entry| entry.unwrap().path());
    let mut projects: Vec<_> = examples.filter(|path| path.join("project.suho").exists()).collect();
    projects.push(root().join("pipelines"));
    projects.sort();
    projects
}

#[expect(clippy::disallowed_methods, reason = "the binary under test is a process")]
fn suho(project: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_suho"));
    command.args(args).current_dir(project).output().unwrap()
}

/// That `suho` is content with `project`; what it says.
fn holds(project: &Path, args: &[&str]) -> String {
    let answer = suho(project, args);
    let said = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (out, err) = (said(&answer.stdout), said(&answer.stderr));
    assert!(answer.status.success(), "{}: suho {args:?}\n{out}{err}", project.display());
    out
}

/// The pipelines of a project and its matrices, by file.
fn declared(project: &Path) -> BTreeMap<String, &'static str> {
    let mut found = BTreeMap::new();
    let texts = project.read_dir().unwrap().map(|entry| entry.unwrap().path());
    for path in texts.filter(|path| path.extension().is_some_and(|kind| kind == "suho")) {
        let text = std::fs::read_to_string(&path).unwrap();
        for kind in ["pipeline", "matrix"] {
            let head = format!("{kind} ");
            let names = text.lines().filter_map(|line| line.strip_prefix(&head));
            let ends = |c: char| !c.is_ascii_alphanumeric() && c != '_';
            found.extend(names.map(|name| (name.split(ends).next().unwrap().to_owned(), kind)));
        }
    }
    found
}

#[test]
fn every_text_is_without_a_mistake_and_in_the_one_layout() {
    for project in projects() {
        holds(&project, &["check", "."]);
        holds(&project, &["fmt", "--check", "."]);
    }
}

#[test]
fn every_pipeline_and_every_matrix_can_be_planned_the_same_way_twice() {
    let mut planned = Vec::new();
    // The bars of `sources` are made by the first commands of its README, which is played elsewhere.
    let has_bars = |project: &PathBuf| !project.ends_with("sources");
    for project in projects().into_iter().filter(has_bars) {
        for (name, kind) in declared(&project) {
            let given = GIVEN.iter().filter(|(pipeline, _)| *pipeline == name);
            let given = given.flat_map(|(_, value)| ["-p", *value]);
            let args: Vec<_> =
                ["plan", &name, "--at", AT, "--json"].into_iter().chain(given).collect();
            let (first, again) = (holds(&project, &args), holds(&project, &args));
            assert_eq!(first, again, "{name}");
            assert!(!first.contains("\"last\""), "{name} still speaks of its start");
            planned.push((kind, name));
        }
    }
    assert!(planned.contains(&("matrix", "majors".to_owned())), "{planned:?}");
    assert!(planned.len() >= 10, "{planned:?}");
}

#[test]
fn a_schedule_whose_window_ends_with_its_run_is_foreseen() {
    let said = holds(&root().join("pipelines"), &["next", "--at", AT]);
    assert!(said.contains("2026-12-01 03:00 UTC  fx_lstm   monthly"), "{said}");
}

#[test]
fn every_test_passes() {
    let projects: Vec<_> = projects();
    let has_tests = |project: &&PathBuf| project.join("tests.suho").exists();
    let with_tests: Vec<_> = projects.iter().filter(has_tests).collect();
    assert!(with_tests.len() >= 2, "{with_tests:?}");
    for project in with_tests {
        holds(project, &["test", "."]);
    }
}
