//! Sealing, and every way in which a sealed artifact can be spoilt.

use super::*;
use expect_test::expect;
use std::fs;
use std::path::PathBuf;
use suho_domain::fault;

const FOLDER: &str = "platform/eurusd/v1.0.0";

struct Scene {
    root: tempfile::TempDir,
    artifacts: Artifacts,
}

fn files() -> Vec<NewFile> {
    let new = |path, media_type, bytes: &[u8]| NewFile::new(path, media_type, bytes.to_vec());
    vec![
        new("model.safetensors", "application/octet-stream", &[0, 1, 2, 3]).unwrap(),
        new("config.json", "application/json", b"{}").unwrap(),
        new("logs/metrics.jsonl", "application/jsonl", b"").unwrap(),
    ]
}

fn folder() -> ArtifactPath {
    ArtifactPath::new(FOLDER).unwrap()
}

impl Scene {
    fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        let artifacts = Artifacts::at(root.path()).unwrap();
        Self { root, artifacts }
    }

    fn seal(&self, files: Vec<NewFile>) -> Result<Manifest, ArtifactError> {
        let model = ModelId::derive(&["eurusd"]);
        self.artifacts.seal(&folder(), files, model, Version::FIRST)
    }

    fn verify(&self) -> String {
        match self.artifacts.verify(&folder()) {
            Ok(_) => "sound".to_owned(),
            Err(error) => format!("{}: {}", error.code(), fault::chain(&error)),
        }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.root.path().join(FOLDER).join(name)
    }
}

#[test]
fn a_sealed_artifact_verifies() {
    let scene = Scene::new();
    let manifest = scene.seal(files()).unwrap();
    assert_eq!(scene.artifacts.verify(&folder()).unwrap(), manifest);
    let text = fs::read_to_string(scene.file(MANIFEST)).unwrap();
    expect![[r#"{"artifact_digest":"sha256:4aa1351d037e1d01afda6bcef0b118ded5282d1d795c50323233d1bf882f29ed","files":[{"media_type":"application/json","path":"config.json","sha256":"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a","size":2},{"media_type":"application/jsonl","path":"logs/metrics.jsonl","sha256":"sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855","size":0},{"media_type":"application/octet-stream","path":"model.safetensors","sha256":"sha256:054edec1d0211f624fed0cbca9d4f9400b0e491c43742af2c5b0abebf0c990d8","size":4}],"model_id":"d81d0e8c-3772-88ee-a41d-ec5673896209","schema":1,"version":"v1.0.0"}"#]].assert_eq(&text);
}

#[test]
fn the_artifact_digest_is_that_of_the_manifest_without_it() {
    let manifest = Scene::new().seal(files()).unwrap();
    let text = manifest.text().unwrap();
    let field = format!("\"artifact_digest\":\"{}\",", manifest.artifact_digest);
    assert!(text.contains(&field));
    assert_eq!(Digest::of(text.replace(&field, "").as_bytes()), manifest.artifact_digest);
}

#[test]
fn sealing_again_is_no_error_in_any_order() {
    let scene = Scene::new();
    let manifest = scene.seal(files()).unwrap();
    let backwards = files().into_iter().rev().collect();
    assert_eq!(scene.seal(backwards).unwrap(), manifest);
}

#[test]
fn sealing_other_content_is_refused_and_changes_nothing() {
    let scene = Scene::new();
    scene.seal(files()).unwrap();
    let mut other = files();
    other[0].bytes[0] = 9;
    assert_eq!(scene.seal(other).unwrap_err().code(), "artifact-conflict");
    let mut fewer = files();
    fewer.pop();
    assert_eq!(scene.seal(fewer).unwrap_err().code(), "artifact-conflict");
    assert_eq!(scene.verify(), "sound");
}

#[test]
fn a_seal_that_was_cut_off_is_completed() {
    // Cut off after each file in turn: what is there is what a crash leaves.
    for cut in 0..=files().len() {
        let scene = Scene::new();
        for file in files().iter().take(cut) {
            let path = folder().join(&file.path).unwrap();
            scene.artifacts.put_once(&path, &file.bytes).unwrap();
        }
        let unsealed = format!("artifact-unsealed: there is no sealed artifact in `{FOLDER}`");
        assert_eq!(scene.verify(), unsealed);
        scene.seal(files()).unwrap();
        assert_eq!(scene.verify(), "sound");
    }
}

#[test]
fn what_cannot_be_sealed_whole_gets_no_manifest() {
    let scene = Scene::new();
    let last = folder().join(&files()[0].path).unwrap();
    scene.artifacts.put_once(&last, b"other").unwrap();
    assert_eq!(scene.seal(files()).unwrap_err().code(), "artifact-conflict");
    assert!(scene.verify().starts_with("artifact-unsealed"), "{}", scene.verify());
}

#[test]
fn a_flipped_bit_is_found_in_every_byte_of_every_file() {
    let scene = Scene::new();
    scene.seal(files()).unwrap();
    for name in ["model.safetensors", "config.json", MANIFEST] {
        let sound = fs::read(scene.file(name)).unwrap();
        for at in 0..sound.len() {
            let mut flipped = sound.clone();
            flipped[at] ^= 1;
            fs::write(scene.file(name), &flipped).unwrap();
            let verdict = scene.verify();
            // A flip in the manifest may make it name a file that is not there.
            let is_found = ["artifact-corrupt: ", "artifact-missing: "];
            assert!(is_found.iter().any(|code| verdict.starts_with(code)), "{at}: {verdict}");
        }
        fs::write(scene.file(name), &sound).unwrap();
    }
    assert_eq!(scene.verify(), "sound");
}

#[test]
fn what_is_corrupt_is_named_with_both_digests() {
    let scene = Scene::new();
    scene.seal(files()).unwrap();
    fs::write(scene.file("config.json"), "[]").unwrap();
    expect!["artifact-corrupt: artifact `platform/eurusd/v1.0.0/config.json` is corrupt: expected sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a, found sha256:4f53cda18c2baa0c0354bb5f9a3ecbe5ed12ab4d8e11ba873c2f11161202b945"].assert_eq(&scene.verify());
    fs::remove_file(scene.file("config.json")).unwrap();
    expect!["artifact-missing: there is no artifact `platform/eurusd/v1.0.0/config.json`"]
        .assert_eq(&scene.verify());
    fs::write(scene.file(MANIFEST), "").unwrap();
    expect!["artifact-corrupt: manifest `platform/eurusd/v1.0.0/manifest.json` is corrupt: EOF while parsing a value at line 1 column 0"].assert_eq(&scene.verify());
}

#[test]
fn a_manifest_cannot_name_what_is_not_below_it() {
    let scene = Scene::new();
    scene.seal(files()).unwrap();
    let text = fs::read_to_string(scene.file(MANIFEST)).unwrap();
    fs::write(scene.file(MANIFEST), text.replace("config.json", "../secret")).unwrap();
    assert!(scene.verify().contains("`../secret` is not a path"), "{}", scene.verify());
}

#[test]
fn a_name_is_given_once_and_is_not_the_manifests() {
    let scene = Scene::new();
    let mut twice = files();
    twice.push(NewFile::new("config.json", "application/json", b"[]".to_vec()).unwrap());
    assert_eq!(scene.seal(twice).unwrap_err().code(), "artifact-bug");
    let own = vec![NewFile::new(MANIFEST, "application/json", b"{}".to_vec()).unwrap()];
    assert_eq!(scene.seal(own).unwrap_err().code(), "artifact-bug");
    assert_eq!(scene.artifacts.list(&folder()).unwrap(), [], "nothing was written");
}

#[test]
fn unsealing_leaves_nothing_and_can_be_done_again() {
    let scene = Scene::new();
    scene.seal(files()).unwrap();
    scene.artifacts.unseal(&folder()).unwrap();
    assert_eq!(scene.artifacts.list(&folder()).unwrap(), []);
    scene.artifacts.unseal(&folder()).unwrap();
    scene.seal(files()).unwrap();
}
