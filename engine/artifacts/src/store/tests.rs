//! Puts, gets and lists on a real folder.

use super::*;
use expect_test::expect;
use suho_domain::{Fault, fault};

pub(crate) fn path(text: &str) -> ArtifactPath {
    ArtifactPath::new(text).unwrap()
}

fn store() -> (tempfile::TempDir, Artifacts) {
    let folder = tempfile::tempdir().unwrap();
    let artifacts = Artifacts::at(&folder.path().join("artifacts")).unwrap();
    (folder, artifacts)
}

#[test]
fn what_is_put_once_stays() {
    let (_folder, artifacts) = store();
    let path = path("platform/m/v1.0.0/config.json");
    assert_eq!(artifacts.put_once(&path, b"one").unwrap(), Put::New);
    assert_eq!(artifacts.put_once(&path, b"one").unwrap(), Put::Same);
    let error = artifacts.put_once(&path, b"two").unwrap_err();
    assert_eq!((error.code(), error.fault()), ("artifact-conflict", Fault::User));
    expect!["artifact `platform/m/v1.0.0/config.json` is there already with other content: sha256:7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed, not sha256:3fc4ccfe745870e2c0d99f71f30ff0656c8dedd41cc1d7d3d376b0dbe685e2f3"]
        .assert_eq(&fault::chain(&error));
    assert_eq!(artifacts.get(&path).unwrap(), b"one");
}

#[test]
fn one_of_many_who_put_at_once_is_first() {
    let (_folder, artifacts) = store();
    let path = path("m");
    let puts: Vec<_> = std::thread::scope(|scope| {
        let putters: Vec<_> = (0..8)
            .map(|number: u8| {
                let (artifacts, path) = (&artifacts, &path);
                scope.spawn(move || artifacts.put_once(path, &[number]))
            })
            .collect();
        putters.into_iter().map(|putter| putter.join().unwrap()).collect()
    });
    let first: Vec<_> = (0..).zip(&puts).filter(|(_, put)| put.is_ok()).collect();
    assert_eq!(first.len(), 1);
    assert_eq!(artifacts.get(&path).unwrap(), [first[0].0]);
}

#[test]
fn reading_what_is_not_there_or_has_changed_is_an_error() {
    let (folder, artifacts) = store();
    let path = path("a/b");
    assert_eq!(artifacts.get(&path).unwrap_err().code(), "artifact-missing");
    artifacts.put_once(&path, b"bars").unwrap();
    let digest = Digest::of(b"bars");
    assert_eq!(artifacts.get_verified(&path, &digest).unwrap(), b"bars");
    fs::write(folder.path().join("artifacts/a/b"), b"barz").unwrap();
    let error = artifacts.get_verified(&path, &digest).unwrap_err();
    assert_eq!((error.code(), error.fault()), ("artifact-corrupt", Fault::World));
}

#[test]
fn a_list_has_all_below_a_folder_in_order() {
    let (folder, artifacts) = store();
    for text in ["a/c/1", "a/b", "a/c/0", "ab/x", "b"] {
        artifacts.put_once(&path(text), text.as_bytes()).unwrap();
    }
    fs::write(folder.path().join("artifacts/a/Not Ours"), "").unwrap();
    let listed = artifacts.list(&path("a")).unwrap();
    let found: Vec<_> = listed.iter().map(|l| (l.path.as_str(), l.size)).collect();
    assert_eq!(found, [("a/b", 3), ("a/c/0", 5), ("a/c/1", 5)]);
    assert_eq!(artifacts.list(&path("nowhere")).unwrap(), []);
}

#[test]
fn removing_twice_is_no_error() {
    let (_folder, artifacts) = store();
    artifacts.put_once(&path("a"), b"x").unwrap();
    artifacts.remove(&path("a")).unwrap();
    artifacts.remove(&path("a")).unwrap();
    assert_eq!(artifacts.put_once(&path("a"), b"y").unwrap(), Put::New);
}

#[test]
fn the_local_store_refuses_a_second_put() {
    let (_folder, artifacts) = store();
    artifacts.probe().unwrap();
    artifacts.probe().unwrap();
}

#[test]
fn a_root_that_cannot_be_made_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let error = Artifacts::at(&file.join("artifacts")).unwrap_err();
    assert_eq!((error.code(), error.fault()), ("artifact-store", Fault::World));
    let text = fault::chain(&error).replace(&folder.path().display().to_string(), "ROOT");
    expect!["cannot open artifacts at `ROOT/file/artifacts`: Not a directory (os error 20)"]
        .assert_eq(&text);
}

#[test]
fn a_store_that_refuses_is_quoted() {
    let (_folder, artifacts) = store();
    artifacts.put_once(&path("a"), b"x").unwrap();
    // `a` is a file, so there is no room below it.
    let error = artifacts.put_once(&path("a/b"), b"x").unwrap_err();
    assert_eq!((error.code(), error.fault()), ("artifact-store", Fault::World));
    let text = fault::chain(&error);
    assert!(text.starts_with("cannot put artifact `a/b`: ") && text.contains("os error"), "{text}");
}

#[test]
fn a_full_disk_is_named() {
    use std::io::ErrorKind::{FileTooLarge, PermissionDenied, QuotaExceeded, StorageFull};
    let heard = |kind: std::io::ErrorKind| {
        let source = Box::new(std::io::Error::from(kind));
        refused("put", &path("a"))(Error::Generic { store: "LocalFileSystem", source })
    };
    for kind in [StorageFull, QuotaExceeded, FileTooLarge] {
        let error = heard(kind);
        assert_eq!((error.code(), error.fault()), ("disk-full", Fault::World));
        let text = fault::chain(&error);
        assert!(text.starts_with("the disk is full: cannot put artifact `a`: "), "{text}");
    }
    assert_eq!(heard(PermissionDenied).code(), "artifact-store");
}

#[test]
fn places_are_paths_or_file_urls() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().display().to_string();
    Artifacts::open(&root).unwrap().put_once(&path("a"), b"x").unwrap();
    let by_url = Artifacts::open(&format!("file://{root}")).unwrap();
    assert_eq!(by_url.get(&path("a")).unwrap(), b"x");
    let error = Artifacts::open("s3://bucket/models").unwrap_err();
    assert_eq!(error.fault(), Fault::User);
}

#[test]
fn asynchronous_callers_are_told_so() {
    let (_folder, artifacts) = store();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let error = runtime.block_on(async { artifacts.get(&path("a")) }).unwrap_err();
    assert_eq!(error.fault(), Fault::Bug);
}
