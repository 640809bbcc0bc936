//! A sealed model, loaded; and what is said of one that was changed.

use super::*;
use crate::tests::World;
use std::fs;
use suho_domain::Fault;

struct Sealed {
    world: World,
    folder: String,
    digest: String,
}

fn sealed() -> Sealed {
    let world = World::new();
    let data = world.data();
    let model = world.model(&data);
    let text = |name: &str| model.field(name).unwrap().to_string();
    Sealed { folder: text("artifact"), digest: text("digest"), world }
}

impl Sealed {
    fn load(&self) -> Result<LoadedModel, ModelError> {
        let artifacts = Artifacts::at(&self.world.artifacts()).unwrap();
        load(&artifacts, &self.folder, Some(&self.digest))
    }
}

fn bars() -> Bars {
    let names = suho_market::ColumnNames::standard();
    let hour = chrono::TimeDelta::hours(1);
    suho_market::read_parquet(crate::tests::BARS.as_ref(), "EUR/USD", hour, &names).unwrap()
}

#[test]
fn a_loaded_model_answers_alike_on_all_of_the_history_and_on_the_least_of_it() {
    let sealed = sealed();
    let model = sealed.load().unwrap();
    assert_eq!(model.classes(), ["down", "flat", "up"]);
    assert_eq!((model.sequence(), model.features().len()), (12, 3));
    let bars = bars();
    let whole = model.predict_bars(&bars, &[4_000]).unwrap();
    let first = 4_001 - model.history_needed();
    let least = model.predict_bars(&bars.slice(first..4_001), &[4_000 - first]).unwrap();
    for (a, b) in whole[0].as_slice().iter().zip(least[0].as_slice()) {
        assert!((a - b).abs() < 1e-5, "{a} {b}");
    }
}

#[test]
fn where_a_feature_is_missing_there_is_no_answer() {
    let model = sealed().load().unwrap();
    let answers = model.predict_where_whole(&bars(), &[3, 20, 400]).unwrap();
    let is_there: Vec<bool> = answers.iter().map(Option::is_some).collect();
    // ATR has its first value at bar 14, and a window is 12 bars.
    assert_eq!(is_there, [false, false, true]);
}

#[test]
fn a_changed_file_is_named_with_what_was_expected_and_found() {
    for name in ["model.safetensors", "scaler.json", "config.json", "model_card.md"] {
        let sealed = sealed();
        let path = &sealed.world.sealed(name)[0];
        let mut bytes = fs::read(path).unwrap();
        let before = Digest::of(&bytes);
        let last = bytes.len() - 1;
        bytes[last] ^= 1;
        fs::write(path, &bytes).unwrap();
        let error = sealed.load().unwrap_err();
        let text = suho_domain::fault::chain(&error);
        assert_eq!((error.code(), error.fault()), ("artifact-corrupt", Fault::World), "{text}");
        for part in [name, before.as_str(), Digest::of(&bytes).as_str()] {
            assert!(text.contains(part), "{text}");
        }
    }
}

#[test]
fn another_model_in_the_same_folder_is_not_the_one_asked_for() {
    let mut sealed = sealed();
    sealed.digest = Digest::of(b"another").to_string();
    let error = sealed.load().unwrap_err();
    assert!(matches!(error, ModelError::Other { .. }), "{error}");
    assert_eq!(error.code(), "artifact-corrupt");
}

#[test]
fn a_missing_artifact_is_not_a_missing_model() {
    let mut sealed = sealed();
    sealed.folder = "platform/eurusd_direction/v9.0.0".to_owned();
    let error = sealed.load().unwrap_err();
    assert_eq!((error.code(), error.fault()), ("artifact-unsealed", Fault::World));
}

#[test]
fn stored_answers_are_held_against_those_of_today() {
    let sealed = sealed();
    let model = sealed.load().unwrap();
    let bytes = fs::read(&sealed.world.sealed(GOLDEN)[0]).unwrap();
    let golden = Golden::from_bytes(&bytes).unwrap();
    assert_eq!(golden.parity(model.predictor()).unwrap().windows, 665);
    let folder = ArtifactPath::new("here").unwrap();
    check(&golden, model.predictor(), &folder).unwrap();
    // The last bytes are the last probability.
    let mut bytes = bytes;
    let last = bytes.len() - 4;
    bytes[last..].copy_from_slice(&0.9_f32.to_le_bytes());
    let error =
        check(&Golden::from_bytes(&bytes).unwrap(), model.predictor(), &folder).unwrap_err();
    assert_eq!(error.code(), "artifact-parity");
}
