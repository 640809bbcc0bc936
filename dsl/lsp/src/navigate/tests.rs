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

#[test]
fn the_library_is_no_file() {
    let (snapshot, file, position) =
        cursor(&pipeline("    batch_size     = 32", "    batch_|size     = 32"));
    assert_eq!(super::definition(&snapshot, file, position, FILES), None);
    let there = super::definition(&snapshot, file, position, Addresses::Virtual).unwrap();
    assert_eq!(there.uri.as_str(), "suho-std:/ml.suho");
}
