use super::{NoRename, prepare_rename, references, rename};
use crate::tests::{Disk, cursor, pipeline};
use crate::{Addresses, Declaration, Snapshot};
use lsp_types::{Position, WorkspaceEdit};
use std::collections::BTreeMap;
use suho_check::FileId;

const FILES: Addresses = Addresses::Files;

/// The places of the name at the cursor: `file line`, from 1.
fn places(snapshot: &Snapshot, file: FileId, position: Position, with: Declaration) -> Vec<String> {
    let found = references(snapshot, file, position, with, FILES);
    found
        .iter()
        .map(|place| {
            let name = place.uri.path().rsplit('/').next().unwrap();
            format!("{name} {}", place.range.start.line + 1)
        })
        .collect()
}

#[test]
fn everything_that_means_the_same_is_found_in_every_file() {
    let text = pipeline("{ eurusd_direction, retail }", "{ eurusd_direction as spec_of, re|tail }");
    let (snapshot, file, position) = cursor(&text);
    let all = places(&snapshot, file, position, Declaration::Included);
    let expected =
        ["here.suho 5", "here.suho 56", "model.suho 39", "pipeline.suho 5", "pipeline.suho 56"];
    assert_eq!(all, expected);
    let left = places(&snapshot, file, position, Declaration::Left);
    assert_eq!(left.len(), expected.len() - 1);
    assert!(!left.contains(&"model.suho 39".to_owned()));
}

#[test]
fn names_of_one_pipeline_are_not_those_of_another() {
    let (snapshot, file, position) = cursor(&pipeline(
        "model   = candidate.model\n    against",
        "model   = candi|date.model\n    against",
    ));
    let all = places(&snapshot, file, position, Declaration::Included);
    assert!(all.iter().all(|place| place.starts_with("here.suho")), "{all:?}");
    assert_eq!(all.len(), 6);
}

/// The project after an edit, as the editor would apply it: its files by name.
fn applied(disk: &Disk, edit: WorkspaceEdit) -> Vec<(String, String)> {
    let mut disk = disk.clone();
    let changes: BTreeMap<_, _> = edit.changes.unwrap().into_iter().collect();
    for (uri, mut edits) in changes {
        let path = uri.to_file_path().unwrap();
        let place = disk.0.iter_mut().find(|(each, _)| std::path::Path::new(each) == path);
        let (_, text) = place.unwrap();
        edits.sort_by_key(|edit| {
            std::cmp::Reverse((edit.range.start.line, edit.range.start.character))
        });
        for edit in edits {
            let lines = crate::Text::new(text);
            let span = lines.span(edit.range);
            text.replace_range(span.start..span.end, &edit.new_text);
        }
    }
    disk.0
}

#[test]
fn a_renamed_project_has_nothing_wrong() {
    let disk = Disk::quickstart();
    let snapshot = disk.snapshot();
    let file = snapshot.file("pipeline.suho").unwrap();
    let text = snapshot.source(file).unwrap().text();
    for (old, before, times) in [
        ("retail", "costs   = ", 3),
        ("candidate", "train ", 6),
        ("share", "\n  ", 2),
        ("quickstart", "pipeline ", 1),
        ("eurusd_direction", "{ ", 3),
    ] {
        let at = text.as_str().find(&format!("{before}{old}")).unwrap() + before.len();
        let position = text.position(at);
        prepare_rename(&snapshot, file, position).unwrap();
        let edit = rename(&snapshot, file, position, "another_name", FILES).unwrap();
        let files = applied(&disk, edit);
        let together: String = files.iter().map(|(_, text)| text.as_str()).collect();
        assert_eq!(together.matches("another_name").count(), times, "{old}");
        let after = Disk(files).snapshot();
        assert_eq!(after.checked().diagnostics, [], "{old}");
    }
}

#[test]
fn what_cannot_be_renamed_says_why() {
    let refused = |marked: &str, name: &str| {
        let (snapshot, file, position) = cursor(marked);
        rename(&snapshot, file, position, name, FILES).unwrap_err()
    };
    let own = "edition 2026\nlet sh|are = 10%\n";
    for name in ["", "not", "two words", "a-b", "7th", "\u{e9}", "x = 1\nlet y"] {
        assert_eq!(refused(own, name), NoRename::NotAName(name.to_owned()));
    }
    let library = pipeline("    batch_size     = 32", "    batch_|size     = 32");
    assert_eq!(refused(&library, "size"), NoRename::NotOurs);
    assert_eq!(refused("edition 2026\n// com|ment\n", "size"), NoRename::NotOurs);
    let alias = "edition 2026\nuse \"./model.suho\" { retail as co|sts_of }\n";
    let why = NoRename::Alias("costs_of".to_owned(), "retail".to_owned());
    assert_eq!(refused(alias, "size"), why);
}

/// A project with operations and a test around the quickstart, its cursor in `marked`.
fn operations(marked: &str) -> (Snapshot, FileId, Position) {
    let head = "edition 2026\n\nuse std.ml\nuse std.ops\nuse std.sim\n\
                use \"./pipeline.suho\" { quickstart }\n\n";
    cursor(&format!("{head}{marked}"))
}

#[test]
fn operations_and_tests_speak_of_the_same_names() {
    let text = "monitor prod {
  model = production(\"m\")

  alert slow {
    fire when latency.p95 > 500ms
  }
}

trigger again {
  on  = fired(prod.sl|ow)
  run = quickstart(share: 5%)
}

matrix all {
  run  = quickstart()
  axes = { share = [5%, 10%] }
}

env prod {
  quickstart.share = 10%
}

test \"the canary\" {
  run = quickstart(share: 5%)
  given tenth.live.error_rate = 9%
  expect tenth == rolled_back
}
";
    let plain = text.replace('|', "");
    let all = |before: &str, name: &str| {
        let marked = plain.replacen(&format!("{before}{name}"), &format!("{before}|{name}"), 1);
        assert_ne!(marked, plain, "`{before}{name}` stands in no line");
        let (snapshot, file, position) = operations(&marked);
        places(&snapshot, file, position, Declaration::Included).join(", ")
    };
    assert_eq!(all("  alert ", "slow"), "here.suho 11, here.suho 17");
    assert_eq!(
        all("quickstart.", "share"),
        [
            "here.suho 18",
            "here.suho 23",
            "here.suho 27",
            "here.suho 31",
            "pipeline.suho 11",
            "pipeline.suho 85",
        ]
        .join(", ")
    );
    assert_eq!(
        all("given ", "tenth"),
        ["here.suho 32", "here.suho 33", "pipeline.suho 82", "pipeline.suho 100",].join(", ")
    );
    assert_eq!(
        all("run = ", "quickstart"),
        [
            "here.suho 6",
            "here.suho 18",
            "here.suho 22",
            "here.suho 27",
            "here.suho 31",
            "pipeline.suho 8",
        ]
        .join(", ")
    );
    // A new name for the alert leaves nothing wrong.
    let (snapshot, file, position) = operations(text);
    let edit = rename(&snapshot, file, position, "late", FILES).unwrap();
    let disk = Disk::quickstart().with("here.suho", snapshot.source(file).unwrap().text().as_str());
    let after = Disk(applied(&disk, edit)).snapshot();
    let errors: Vec<_> = after.checked().diagnostics.iter().map(|it| it.code).collect();
    assert!(!errors.contains(&"unknown-field"), "{errors:?}");
    let text = after.source(after.file("here.suho").unwrap()).unwrap().text().as_str();
    assert_eq!(text.matches("late").count() - text.matches("latency").count(), 2, "{text}");
}

#[test]
fn the_library_is_no_file() {
    let (snapshot, file, position) =
        cursor(&pipeline("    batch_size     = 32", "    batch_|size     = 32"));
    assert_eq!(super::definition(&snapshot, file, position, FILES), None);
    let there = super::definition(&snapshot, file, position, Addresses::Virtual).unwrap();
    assert_eq!(there.uri.as_str(), "suho-std:/ml.suho");
}
