//! Rows as runs, and a snapshot there and back.

use super::*;

#[test]
fn rows_come_back_as_they_were_given() {
    let rows = [(5, 0), (6, 2), (7, 1), (20, 1), (22, 0)];
    let split = SplitRows::new(rows.into_iter());
    assert_eq!(split.runs, [[5, 8], [20, 21], [22, 23]]);
    assert_eq!(split.ends(), [5, 6, 7, 20, 22]);
    assert_eq!(split.labels(), [0, 2, 1, 1, 0]);
    assert_eq!((split.first(), split.last(), split.len()), (Some(5), Some(22), 5));
    assert!(split.is_sound(23));
    assert!(!split.is_sound(22), "the last bar is not there");
}

#[test]
fn no_rows_are_nowhere() {
    let split = SplitRows::new(std::iter::empty());
    assert_eq!((split.first(), split.last(), split.len()), (None, None, 0));
    assert!(split.is_sound(0));
}

#[test]
fn rows_with_a_label_too_few_are_not_sound() {
    let mut split = SplitRows::new([(5, 0), (6, 2)].into_iter());
    split.labels.pop();
    assert!(!split.is_sound(10));
}

/// Whoever edits the rows and the manifest alike still cannot give them the old name.
#[test]
fn forged_rows_are_found_though_the_manifest_agrees() {
    let world = crate::tests::World::new();
    let data = world.data();
    let (samples, manifest) = (&world.sealed(SAMPLES)[0], &world.sealed(MANIFEST)[0]);
    let before = std::fs::read_to_string(samples).unwrap();
    let after = before.replacen("\"embargo\":12", "\"embargo\":11", 1);
    assert_ne!(before, after);
    std::fs::write(samples, &after).unwrap();
    let digest = |text: &str| Digest::of(text.as_bytes()).to_string();
    let agreeing = std::fs::read_to_string(manifest).unwrap();
    let agreeing = agreeing.replace(&digest(&before), &digest(&after));
    std::fs::write(manifest, agreeing).unwrap();
    let rows: Dataset = serde_json::from_value(data["train"].to_plain()).unwrap();
    let artifacts = Artifacts::at(&world.artifacts()).unwrap();
    let error = Snapshot::load(&artifacts, &rows).unwrap_err();
    assert_eq!(error.code, "artifact-corrupt", "{error}");
}
