//! The language corpus: each `tests/lang/*.suho` holds, below each line, what the checker says of
//! it. It runs against the real prelude and builds nothing of the engine.
//!
//! `BLESS=1` redraws the files; a person reads the diff.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{LazyLock, Mutex, PoisonError};
use suho_check::program::{Access, Expr};
use suho_check::{Cache, Checked, Severity, World, check_with};
use suho_domain::Name;

/// The prelude as it is, the corpus' own files, and a catalogue of the features it speaks of.
struct Corpus;

impl World for Corpus {
    fn prelude(&self) -> Vec<(String, String)> {
        let name = |path: &PathBuf| path.file_name().unwrap().to_str().unwrap().to_owned();
        let files = files(&root().join("stdlib/prelude"));
        files.iter().map(|path| (name(path), read(path))).collect()
    }

    fn read(&self, _from: &str, path: &str) -> Result<(String, String), String> {
        let file = path.trim_start_matches("./");
        let text = std::fs::read_to_string(root().join("tests/lang/used").join(file));
        text.map(|text| (file.to_owned(), text)).map_err(|_| "there is no such file".to_owned())
    }

    fn features(&self) -> Option<Vec<String>> {
        let names = "close rsi_14 macd_histogram bb_percent_b atr_14 volume_ratio adx_14 stoch_k \
                     volume_z_20";
        Some(names.split_whitespace().map(str::to_owned).collect())
    }
}

/// Checks `entry` against [`Corpus`], whose prelude is read once for all tests of this process.
fn check(entry: &[(String, String)]) -> Checked {
    static CACHE: LazyLock<Mutex<Cache>> = LazyLock::new(Mutex::default);
    let mut cache = CACHE.lock().unwrap_or_else(PoisonError::into_inner);
    check_with(entry, &Corpus, &mut cache)
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap()
}

/// The `.suho` files of `folder`, in order.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = folder.read_dir().unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = entries.filter(|path| path.extension().is_some()).collect();
    files.sort();
    files
}

/// Line from 0 and column from 1 of the byte `at`.
fn place(text: &str, at: usize) -> (usize, usize) {
    let before = text.get(..at).unwrap();
    let line = before.rsplit('\n').next().unwrap();
    (before.matches('\n').count(), line.chars().count() + 1)
}

/// Below each line of `source`, what was found there: `#! error[code] 8-19: message; help`.
fn annotate(source: &str, checked: &Checked) -> String {
    let mut annotated = String::new();
    for (number, text) in source.lines().enumerate() {
        writeln!(annotated, "{text}").unwrap();
        let here = checked.diagnostics.iter().filter(|d| d.file.0 == 0);
        for d in here.filter(|d| place(source, d.span.start).0 == number) {
            let (_, from) = place(source, d.span.start);
            let (line, to) = place(source, d.span.end);
            let to = if line == number { to } else { text.chars().count() + 1 };
            let severity = if d.severity == Severity::Error { "error" } else { "warning" };
            write!(annotated, "#! {severity}[{}] {from}-{to}: {}", d.code, d.message).unwrap();
            if !d.label.is_empty() {
                write!(annotated, " ({})", d.label).unwrap();
            }
            for help in &d.help {
                write!(annotated, "; {}", help.message).unwrap();
                for edit in &help.edits {
                    write!(annotated, " => `{}`", edit.text.escape_debug()).unwrap();
                }
            }
            annotated.push('\n');
        }
    }
    annotated
}

/// The source alone: the file without its annotations.
fn bare(annotated: &str) -> String {
    let lines = annotated.lines().filter(|line| !line.starts_with("#!"));
    lines.map(|line| format!("{line}\n")).collect()
}

#[test]
fn the_checker_says_what_the_corpus_says() {
    let mut wrong = Vec::new();
    for path in files(&root().join("tests/lang")) {
        let expected = read(&path);
        let source = bare(&expected);
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let checked = check(&[(name, source.clone())]);
        let elsewhere: Vec<_> = checked.diagnostics.iter().filter(|d| d.file.0 != 0).collect();
        assert!(elsewhere.is_empty(), "{}: {elsewhere:#?}", path.display());
        let actual = annotate(&source, &checked);
        if actual == expected {
            continue;
        }
        if std::env::var_os("BLESS").is_some() {
            std::fs::write(&path, actual).unwrap();
        } else {
            wrong.push(format!("--- {}\n{actual}", path.display()));
        }
    }
    assert!(wrong.is_empty(), "not as the files say (BLESS=1 redraws them):\n{}", wrong.join("\n"));
}

#[test]
fn every_code_has_a_page_and_a_file_that_raises_it() {
    let corpus: String = files(&root().join("tests/lang")).iter().map(|path| read(path)).collect();
    for code in suho_check::CODES {
        assert!(suho_check::explain(code).is_some_and(|page| page.starts_with("# ")), "{code}");
        // These need a broken library, or more errors than one wants to read.
        if !["prelude", "more-errors"].contains(&code) {
            assert!(corpus.contains(&format!("[{code}] ")), "no file raises `{code}`");
        }
    }
}

#[test]
fn the_quickstart_has_nothing_wrong() {
    let folder = root().join("examples/quickstart");
    let file = |name: &str| (name.to_owned(), read(&folder.join(name)));
    let entry = ["pipeline.suho", "project.suho", "model.suho"].map(file);
    let checked = check(&entry);
    assert_eq!(checked.diagnostics, []);
    let pipeline = &checked.program.pipelines["quickstart"];
    assert_eq!(pipeline.steps.len(), 12);
    let step = |name: &str| pipeline.steps.iter().find(|step| step.name.as_str() == name).unwrap();
    let needs = |name: &str| -> Vec<&str> { step(name).needs.iter().map(Name::as_str).collect() };
    assert_eq!(needs("data"), [""; 0]);
    assert_eq!(needs("candidate"), ["baseline", "data"]);
    assert_eq!(needs("acceptance"), ["bt", "candidate", "leaks", "probe", "quality"]);
    assert_eq!(needs("tenth"), ["baseline", "staging"]);
    assert_eq!(step("tenth").rules.len(), 6);
    assert_eq!(step("tenth").rules[5].text, "hold when events < min_events for 36h");
}

/// The `.suho` files below `folder`, named relative to it.
fn project(folder: &Path) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(path) = open.pop() {
        if path.is_dir() {
            open.extend(path.read_dir().unwrap().map(|entry| entry.unwrap().path()));
        } else if path.extension().is_some_and(|kind| kind == "suho") {
            let name = path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
            found.push((name, read(&path)));
        }
    }
    found.sort();
    found
}

#[test]
fn our_own_pipelines_have_nothing_wrong_and_are_formatted() {
    let examples = root().join("examples").read_dir().unwrap();
    let folders = examples.map(|entry| entry.unwrap().path()).chain([root().join("pipelines")]);
    let mut said = String::new();
    for folder in folders.filter(|path| path.is_dir()) {
        let files = project(&folder);
        let checked = check(&files);
        for found in &checked.diagnostics {
            let (name, text) = &checked.sources[found.file.0];
            let line = place(text, found.span.start).0 + 1;
            writeln!(said, "{}/{name}:{line}: {}: {}", folder.display(), found.code, found.message)
                .unwrap();
        }
        for (name, text) in &files {
            let formatted = suho_syntax::format(text);
            if formatted.text != *text && std::env::var_os("BLESS").is_some() {
                std::fs::write(folder.join(name), formatted.text).unwrap();
            } else if formatted.text != *text {
                writeln!(said, "{}/{name} is not formatted", folder.display()).unwrap();
            }
        }
    }
    assert!(said.is_empty(), "\n{said}");
}

#[test]
fn what_is_left_open_follows_from_what_flows() {
    let folder = root().join("examples/quickstart");
    let file = |name: &str| (name.to_owned(), read(&folder.join(name)));
    let checked = check(&["pipeline.suho", "model.suho"].map(file));
    let pipeline = &checked.program.pipelines["quickstart"];
    let input = |step: &str, name: &str| {
        let step = pipeline.steps.iter().find(|each| each.name.as_str() == step).unwrap();
        step.inputs[name].clone()
    };
    let spec = |path: &[&str]| {
        path.iter().fold(Expr::Param(Name::new("spec").unwrap()), |base, field| {
            let access = Access { field: (*field).to_owned(), optional: false };
            Expr::Field(Box::new(base), access)
        })
    };
    assert_eq!(input("data", "horizon"), spec(&["target", "horizon"]));
    assert_eq!(input("data", "label"), spec(&["label"]));
    assert_eq!(input("baseline", "timeframe"), spec(&["target", "timeframe"]));
    let data = Expr::Output { step: Name::new("data").unwrap(), path: Vec::new() };
    assert_eq!(input("bt", "data"), data);
    assert_eq!(input("probe", "data"), data);
}

/// Where the fragments of pages stand: everything they may speak of, before the closing brace.
fn whole(fragment: &str) -> String {
    if fragment.starts_with("edition") || fragment.starts_with("project") {
        return fragment.to_owned();
    }
    let context = read(&root().join("tests/lang/used/context.suho"));
    let open = context.trim_end().strip_suffix('}').unwrap();
    format!("{open}\n{fragment}}}\n")
}

/// The block fenced as `suho KIND` in `page`.
fn example(page: &str, kind: &str) -> Option<String> {
    let (_, rest) = page.split_once(&format!("```suho {kind}\n"))?;
    rest.split_once("```").map(|(text, _)| text.to_owned())
}

#[test]
fn the_examples_of_every_page_are_as_wrong_and_as_right_as_it_says() {
    let mut lies = Vec::new();
    for code in suho_check::CODES {
        let page = suho_check::explain(code).unwrap();
        let (Some(wrong), Some(right)) = (example(page, "wrong"), example(page, "right")) else {
            assert!(["prelude", "more-errors"].contains(&code), "`{code}` has no examples");
            continue;
        };
        let found = |text: &str| {
            let checked = check(&[("page.suho".to_owned(), whole(text))]);
            let codes = checked.diagnostics.iter();
            codes.map(|d| format!("{}: {}", d.code, d.message)).collect::<Vec<_>>()
        };
        let of_wrong = found(&wrong);
        let raises = of_wrong.iter().any(|each| each.starts_with(&format!("{code}: ")));
        if !raises {
            lies.push(format!("the wrong example of `{code}` gives {of_wrong:?}"));
        }
        let of_right = found(&right);
        if !of_right.is_empty() {
            lies.push(format!("the right example of `{code}` gives {of_right:?}"));
        }
    }
    assert!(lies.is_empty(), "{}", lies.join("\n"));
}

#[test]
fn a_pipeline_that_lacks_a_line_or_ends_early_is_still_answered() {
    let folder = root().join("examples/quickstart");
    let text = read(&folder.join("pipeline.suho"));
    let model = ("model.suho".to_owned(), read(&folder.join("model.suho")));
    let lines: Vec<&str> = text.lines().collect();
    // Every seventh: each place in a block comes up, in a few seconds.
    for cut in (0..lines.len()).step_by(7) {
        let (before, after) = lines.split_at(cut);
        let lacking = [before, &after[1..]].concat().join("\n");
        for text in [lacking, before.join("\n")] {
            let entry = [("pipeline.suho".to_owned(), text), model.clone()];
            let checked = check(&entry);
            for diagnostic in &checked.diagnostics {
                let (_, text) = &checked.sources[diagnostic.file.0];
                let (start, end) = (diagnostic.span.start, diagnostic.span.end);
                assert!(text.get(start..end).is_some(), "line {cut}: {diagnostic:?}");
            }
        }
    }
}
