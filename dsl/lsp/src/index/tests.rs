use crate::Snapshot;
use crate::tests::{Disk, ROOT, read};
use std::path::Path;
use suho_check::{Meaning, Severity};
use suho_syntax::ast::Span;

/// Every word of a text that is a name somewhere in the language, comments and strings apart.
fn words(text: &str) -> Vec<Span> {
    let mut spans = Vec::new();
    let mut offset = 0;
    for line in text.split_inclusive('\n') {
        let code = line.split("//").next().unwrap();
        // Odd pieces are inside of quotes.
        let mut at = 0;
        for (number, piece) in code.split('"').enumerate() {
            if number % 2 == 0 {
                let mut rest = 0;
                for word in piece.split(|c: char| !(c.is_alphanumeric() || c == '_')) {
                    let start = offset + at + rest;
                    if word.starts_with(|c: char| c.is_alphabetic()) {
                        spans.push(Span { start, end: start + word.len() });
                    }
                    rest += word.len() + 1;
                }
            }
            at += piece.len() + 1;
        }
        offset += line.len();
    }
    spans
}

/// Words of the grammar: they stand for nothing.
const GRAMMAR: &str = "edition use let secret param in out given record step resource metric enum \
                       type when for at else after if then and or not with as over std on v1 v2 echo";

fn unknown(snapshot: &Snapshot, name: &str) -> Vec<String> {
    let file = snapshot.file(name).unwrap();
    let text = snapshot.source(file).unwrap().text().as_str();
    let mentions = snapshot.index().mentions(snapshot, file);
    let is_known = |span: &Span| {
        mentions.iter().any(|it| it.at.span.start <= span.start && span.end <= it.at.span.end)
    };
    let spans = words(text).into_iter().filter(|span| !is_known(span));
    let words = spans.map(|span| text.get(span.start..span.end).unwrap().to_owned());
    // In capitals are the variables of scripts: their author's own.
    let is_own = |word: &String| word.bytes().all(|byte| byte.is_ascii_uppercase());
    let words = words.filter(|word| !is_own(word));
    words.filter(|word| !GRAMMAR.split_whitespace().any(|each| each == word)).collect()
}

#[test]
fn every_name_of_the_examples_stands_for_something() {
    for example in ["quickstart", "strict_gate"] {
        let mut disk = Disk::default();
        for name in ["model.suho", "pipeline.suho", "project.suho"] {
            disk = disk.with(name, &read(&format!("examples/{example}/{name}")));
        }
        let snapshot = disk.snapshot();
        for name in ["model.suho", "pipeline.suho", "project.suho"] {
            assert_eq!(unknown(&snapshot, name), [""; 0], "{example}/{name}");
        }
    }
}

#[test]
fn every_name_of_the_library_stands_for_something() {
    let snapshot = Disk::default().snapshot();
    for (file, source) in snapshot.sources() {
        let text = source.text().as_str();
        for mention in snapshot.index().mentions(&snapshot, file) {
            assert!(text.get(mention.at.span.start..mention.at.span.end).is_some());
        }
        let given = snapshot.index().mentions(&snapshot, file).iter().filter(|it| it.is_given());
        let ports = text.lines().filter(|line| {
            let line = line.trim_start();
            line.starts_with("in ") || line.starts_with("out ")
        });
        assert!(given.count() > ports.count(), "{}", source.name());
    }
}

#[test]
fn names_that_the_checker_knows_are_known_here() {
    // What the corpus of the language holds that is right is known; what is wrong is left open.
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/lang");
    let mut looked_at = 0;
    for entry in folder.read_dir().unwrap().map(|entry| entry.unwrap().path()) {
        if entry.extension().is_none_or(|kind| kind != "suho") {
            continue;
        }
        let annotated = std::fs::read_to_string(&entry).unwrap();
        let lines = annotated.lines().filter(|line| !line.starts_with("#!"));
        let text: String = lines.map(|line| format!("{line}\n")).collect();
        let used = |name: &str| (name.to_owned(), read(&format!("tests/lang/used/{name}")));
        let disk = Disk::default().with("here.suho", &text);
        let disk = [used("example.suho"), used("context.suho")]
            .into_iter()
            .fold(disk, |disk, (name, text)| disk.with(&name, &text));
        let files = [("here.suho".to_owned(), text.clone())];
        let snapshot = Snapshot::new(Path::new(ROOT), &files, &disk, None);
        let wrong: Vec<usize> = snapshot
            .checked()
            .diagnostics
            .iter()
            .filter(|it| it.file.0 == 0 && it.severity == Severity::Error)
            .map(|it| it.span.start)
            .collect();
        let name = entry.file_name().unwrap().to_str().unwrap();
        if name.starts_with("valid") {
            assert!(wrong.is_empty(), "{name}");
            assert_eq!(unknown(&snapshot, "here.suho"), [""; 0], "{name}");
            looked_at += 1;
        }
    }
    assert!(looked_at >= 5, "the corpus has moved");
}

#[test]
fn a_name_leads_to_where_it_is_given() {
    let snapshot = Disk::quickstart().snapshot();
    let file = snapshot.file("pipeline.suho").unwrap();
    let text = snapshot.source(file).unwrap().text().as_str();
    let given = |before: &str, name: &str| {
        let at = text.find(&format!("{before}{name}")).unwrap() + before.len();
        let mention = snapshot.index().mention_at(&snapshot, file, at).unwrap();
        let place = mention.given.unwrap_or_else(|| panic!("{mention:?}"));
        let source = snapshot.source(place.file).unwrap();
        let line = source.text().position(place.span.start).line as usize;
        let line = source.text().as_str().lines().nth(line).unwrap().trim();
        format!("{}: {line}", source.name())
    };
    let cases = [
        given("spec: ModelSpec = ", "eurusd_direction"),
        given("symbol    = ", "spec"),
        given("symbol    = spec.", "target"),
        given("symbol    = spec.target.", "symbol"),
        given("train          = ", "data"),
        given("train          = data.", "train"),
        given("window  = data.test.", "window"),
        given("  ", "batch_size"),
        given("  ", "leakage_scan"),
        given("missing = ", "warn"),
        given("optimizer = ", "adam"),
        given("adam(", "learning_rate"),
        given("adam(learning_rate: ", "learning_rate"),
        given("quality.baseline?.", "accuracy"),
        given("require ", "uptime"),
        given("require latency.", "p95"),
        given("compare ", "accuracy"),
        given("    ", "accept"),
        given("accept = ", "no_harm"),
        given("hold when events < ", "min_events"),
        given("restore = ", "baseline"),
        given("spec: ", "ModelSpec"),
        given("use std.rollout\nuse \"./model.suho\" { ", "eurusd_direction"),
    ];
    expect_test::expect![[r#"
        model.suho: model eurusd_direction {
        pipeline.suho: spec: ModelSpec = eurusd_direction,
        std/ml.suho: in target: Target
        std/ml.suho: in symbol: Symbol
        pipeline.suho: dataset data {
        std/ml.suho: out train: Dataset<labelled>
        std/core.suho: in window: Range<Instant>
        std/ml.suho: in batch_size: Int = 32
        std/ml.suho: step leakage_scan {
        std/ml.suho: warn
        std/ml.suho: adam(
        std/ml.suho: learning_rate: Float = 0.001,
        pipeline.suho: learning_rate: Float = 0.001,
        std/ml.suho: in accuracy: Ratio
        std/rollout.suho: metric uptime: Ratio = higher_is_better(0% .. 100%)
        std/ml.suho: in p95: Duration
        std/ml.suho: metric accuracy: Ratio = higher_is_better(0% .. 100%)
        std/rollout.suho: in accept: Accept = no_harm
        std/rollout.suho: no_harm
        std/rollout.suho: in min_events: Int = 30
        pipeline.suho: production baseline { model = spec.name }
        std/ml.suho: record ModelSpec {
        model.suho: model eurusd_direction {"#]]
    .assert_eq(&cases.join("\n"));
}

#[test]
fn of_a_broken_text_what_can_be_read_is_known() {
    let text = read("examples/quickstart/pipeline.suho");
    let lines: Vec<&str> = text.lines().collect();
    for cut in (0..lines.len()).step_by(23) {
        let (before, after) = lines.split_at(cut);
        for text in [[before, &after[1..]].concat().join("\n"), before.join("\n")] {
            let snapshot = Disk::quickstart().with("pipeline.suho", &text).snapshot();
            let file = snapshot.file("pipeline.suho").unwrap();
            for mention in snapshot.index().mentions(&snapshot, file) {
                assert!(
                    text.get(mention.at.span.start..mention.at.span.end).is_some(),
                    "line {cut}"
                );
            }
        }
    }
}

#[test]
fn values_have_the_types_that_the_checker_gives_them() {
    let text = "edition 2026

use std.ml
use \"./model.suho\" { eurusd_direction as spec }

let share = 10%
let window = last(2y)
let symbols = [\"EUR/USD\"]
let target = spec.target with { horizon = 8h }
let longest = max(3d, 4d)
let scaled = 2 * 5pp
let first = symbols[0]
";
    let snapshot = Disk::quickstart().with("here.suho", text).snapshot();
    let file = snapshot.file("here.suho").unwrap();
    let source = snapshot.source(file).unwrap();
    let given = snapshot.index().mentions(&snapshot, file).iter();
    let mut types: Vec<String> = given
        .filter(|it| it.is_given() && it.meaning == Meaning::Let)
        .map(|it| format!("{}: {}", source.text().slice(it.at.span), it.ty))
        .collect();
    types.sort();
    expect_test::expect![[r#"
        first: Text
        longest: Duration
        scaled: Points
        share: Ratio
        symbols: [Text]
        target: Target
        window: Range<Date>"#]]
    .assert_eq(&types.join("\n"));
}
