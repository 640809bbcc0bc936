//! The tree against ARCHITECTURE.md and STYLE.md: what no compiler checks.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

type Edges = BTreeMap<String, BTreeSet<String>>;

/// Longest file, in lines, its tests apart.
const LINES_MAX: usize = 600;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The crates' folders, as `dsl/syntax`.
fn crates() -> impl Iterator<Item = String> {
    ["dsl", "engine", "stdlib"].into_iter().flat_map(|layer| {
        let folders = root().join(layer).read_dir().unwrap().map(|entry| entry.unwrap().path());
        folders
            .filter(|folder| folder.join("Cargo.toml").exists())
            .map(move |folder| format!("{layer}/{}", folder.file_name().unwrap().display()))
    })
}

fn manifest(folder: &str) -> String {
    fs::read_to_string(root().join(folder).join("Cargo.toml")).unwrap()
}

/// Names of the dependencies of `folder`'s manifest; tests may use more.
fn dependencies(folder: &str) -> BTreeSet<String> {
    let manifest = manifest(folder);
    let (_, after) = manifest.split_once("[dependencies]").unwrap_or_default();
    let linked = after.split("\n[").next().unwrap_or_default();
    linked.lines().filter_map(|line| line.split(['.', ' ']).next()).map(str::to_owned).collect()
}

/// What each crate's manifest uses of ours.
fn used() -> Edges {
    let folders: BTreeMap<_, _> = crates()
        .map(|folder| (format!("suho-{}", folder.split('/').next_back().unwrap()), folder))
        .collect();
    let uses = |folder: &String| {
        dependencies(folder).iter().filter_map(|name| folders.get(name).cloned()).collect()
    };
    folders.values().map(|folder| (folder.clone(), uses(folder))).collect()
}

/// What ARCHITECTURE.md lets each crate use: `| crate | a, b |`.
fn allowed() -> Edges {
    let page = fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    let (_, table) = page.split_once("## Who may use whom").unwrap();
    let (table, _) = table.split_once("\n## ").unwrap();
    let rows = table
        .lines()
        .filter_map(|line| line.strip_prefix("| ")?.strip_suffix(" |")?.split_once(" | "));
    let row = |(user, used): (&str, &str)| {
        (user.to_owned(), used.split(", ").map(str::to_owned).collect())
    };
    rows.filter(|(user, _)| user.contains('/')).map(row).collect()
}

/// Every Rust file of the crates.
fn sources() -> Vec<PathBuf> {
    let mut folders: Vec<_> = crates().map(|folder| root().join(folder).join("src")).collect();
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for path in folder.read_dir().unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|kind| kind == "rs") {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}

fn is_tests(path: &Path) -> bool {
    path.file_stem().is_some_and(|stem| stem == "tests")
        || path.components().any(|part| part.as_os_str() == "tests")
}

#[test]
fn crates_use_what_the_architecture_lets_them() {
    let allowed = allowed();
    for (user, used) in used() {
        let Some(may) = allowed.get(&user) else { panic!("ARCHITECTURE.md has no row for {user}") };
        if may.contains("*") {
            continue;
        }
        let stray: Vec<_> = used.difference(may).collect();
        assert!(stray.is_empty(), "{user} uses {stray:?}; ARCHITECTURE.md does not let it");
    }
}

#[test]
fn heavy_crates_are_linked_in_one_place() {
    let homes = [
        ("burn", "stdlib/train"),
        ("sqlx", "engine/store"),
        ("object_store", "engine/artifacts"),
        ("parquet", "stdlib/market"),
        ("pest", "dsl/syntax"),
        ("clap", "engine/cli"),
    ];
    for (outside, home) in homes {
        let users: Vec<_> =
            crates().filter(|folder| dependencies(folder).contains(outside)).collect();
        assert_eq!(users, [home], "only {home} links {outside}");
    }
}

#[test]
fn every_module_says_what_it_is_for() {
    let mute: Vec<_> = sources()
        .into_iter()
        .filter(|path| !is_tests(path))
        .filter(|path| !fs::read_to_string(path).unwrap().starts_with("//!"))
        .collect();
    assert!(mute.is_empty(), "no `//!` first line: {mute:?}");
}

#[test]
fn no_file_is_longer_than_one_can_read() {
    let long: Vec<_> = sources()
        .into_iter()
        .filter(|path| !is_tests(path))
        .map(|path| (fs::read_to_string(&path).unwrap().lines().count(), path))
        .filter(|(lines, _)| *lines > LINES_MAX)
        .collect();
    assert!(long.is_empty(), "more than {LINES_MAX} lines: {long:?}");
}

#[test]
fn every_crate_is_on_the_map() {
    let page = fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    for folder in crates() {
        assert!(page.contains(&format!("| `{folder}` |")), "{folder} is not in the tree's table");
    }
}

#[test]
fn shared_crates_come_in_one_version() {
    let lock = fs::read_to_string(root().join("Cargo.lock")).unwrap();
    for shared in ["arrow-array", "chrono", "object_store", "parquet", "serde", "sqlx", "tokio"] {
        let versions = lock.matches(&format!("name = \"{shared}\"\n")).count();
        assert!(versions <= 1, "{shared} is in Cargo.lock {versions} times");
    }
}

#[test]
fn nothing_is_left_for_later_in_the_code() {
    let words = ["TODO", "FIXME", "XXX", "HACK"];
    let left: Vec<_> = sources()
        .into_iter()
        .filter(|path| {
            let text = fs::read_to_string(path).unwrap();
            words.iter().any(|word| text.contains(word))
        })
        .collect();
    assert!(left.is_empty(), "unfinished: {left:?}");
}
