use super::{document_symbols, folding, lenses, workspace_symbols};
use crate::Addresses;
use crate::tests::{Disk, ROOT};
use expect_test::expect;
use std::fmt::Write as _;
use std::path::Path;

#[test]
fn a_file_as_its_outline() {
    let snapshot = Disk::quickstart().snapshot();
    let mut outline = String::new();
    for name in ["model.suho", "pipeline.suho"] {
        for symbol in document_symbols(&snapshot, snapshot.file(name).unwrap()) {
            writeln!(outline, "{} {}", symbol.detail.unwrap(), symbol.name).unwrap();
            for inner in symbol.children.into_iter().flatten() {
                let lines = (inner.range.start.line + 1, inner.range.end.line + 1);
                let detail = inner.detail.unwrap();
                writeln!(outline, "  {detail} {} {}-{}", inner.name, lines.0, lines.1).unwrap();
                // What is selected lies in what it is the name of, or editors refuse it.
                assert!(inner.range.start <= inner.selection_range.start);
                assert!(inner.selection_range.end <= inner.range.end);
            }
        }
    }
    expect![[r#"
        features momentum
        model eurusd_direction
        costs retail
        pipeline quickstart
          production baseline 16-16
          dataset data 18-25
          train candidate 27-38
          leakage_scan leaks 40-44
          evaluate quality 46-50
          backtest bt 52-57
          latency_probe probe 59-63
          gate acceptance 65-72
          shadow staging 74-80
          canary tenth 82-97
          ramp rollout 99-105
          promote live 107-111
          on rollback 113-116
          on failure 118-120
    "#]]
    .assert_eq(&outline);
}

#[test]
fn what_can_be_folded() {
    let text = "// one
// two
edition 2026

use std.ml
use std.rollout

features f {
  columns = [
    \"close\",
    \"rsi_14\",
  ]
}

record R {
  in a: Int
  in b: Int
}

enum E {
  x
  y
}

costs c { commission = 1bps }
";
    let snapshot = Disk::default().with("here.suho", text).snapshot();
    let folds = folding(&snapshot, snapshot.file("here.suho").unwrap());
    let lines: Vec<_> = folds.iter().map(|it| (it.start_line + 1, it.end_line + 1)).collect();
    assert_eq!(lines, [(1, 2), (5, 6), (8, 12), (9, 11), (15, 17), (20, 22)]);
}

#[test]
fn names_are_found_by_their_letters() {
    let snapshot = Disk::quickstart().snapshot();
    let names = |query: &str| -> Vec<String> {
        let found = workspace_symbols(&snapshot, query, Addresses::Files);
        found.into_iter().map(|symbol| symbol.name).collect()
    };
    assert_eq!(names("CAND"), ["candidate"]);
    assert_eq!(names("mtm"), ["momentum"]);
    assert!(names("").len() > 15, "all of them");
    assert_eq!(names("nothing like this"), [""; 0]);
}

#[test]
fn lenses_name_their_pipeline() {
    let snapshot = Disk::quickstart().snapshot();
    let lenses = lenses(&snapshot, snapshot.file("pipeline.suho").unwrap());
    let commands: Vec<_> = lenses.into_iter().map(|lens| lens.command.unwrap()).collect();
    assert_eq!(commands.len(), 2);
    assert_eq!(commands[0].command, "suho.plan");
    let path = Path::new(ROOT).join("pipeline.suho");
    assert_eq!(commands[0].arguments, Some(vec![format!("{}:quickstart", path.display()).into()]));
}

#[test]
fn a_test_and_a_matrix_have_lenses_too() {
    let text = "edition 2026\nuse std.sim\n\ntest \"all is well\" {\n}\n\nmatrix all {\n}\n";
    let snapshot = Disk::quickstart().with("more.suho", text).snapshot();
    let lenses = lenses(&snapshot, snapshot.file("more.suho").unwrap());
    let commands: Vec<_> = lenses.into_iter().map(|lens| lens.command.unwrap()).collect();
    let words: Vec<&str> = commands.iter().map(|command| command.command.as_str()).collect();
    assert_eq!(words, ["suho.test", "suho.plan"]);
    let path = Path::new(ROOT).join("more.suho").display().to_string();
    assert_eq!(commands[0].arguments, Some(vec![path.into(), "all is well".into()]));
}
