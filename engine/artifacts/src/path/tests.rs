//! What is a path and what is not.

use super::*;

#[test]
fn paths_of_lowercase_names_are_paths() {
    for text in ["a", "platform/eurusd/v1.0.0/model.safetensors", "_tmp/run-1/part-0.parquet"] {
        assert_eq!(ArtifactPath::new(text).unwrap().as_str(), text);
    }
}

#[test]
fn what_could_lead_elsewhere_is_no_path() {
    let long = "x".repeat(ArtifactPath::NAME_BYTES_MAX + 1);
    let deep = vec!["x"; ArtifactPath::BYTES_MAX].join("/");
    for text in [
        "",
        "/",
        "/a",
        "a/",
        "a//b",
        ".",
        "..",
        "a/..",
        "../a",
        "a/./b",
        ".hidden",
        "a.",
        "A",
        "a/B",
        "a b",
        "a\\b",
        "a\0",
        "a%2f",
        "ä",
        "c:",
        "a#1",
        "a\n",
        "~",
        long.as_str(),
        deep.as_str(),
    ] {
        assert!(ArtifactPath::new(text).is_err(), "{text:?}");
    }
}
