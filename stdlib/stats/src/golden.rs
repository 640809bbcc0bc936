//! Golden numbers of the tests, and the inputs they were made from.

use crate::Stream;
use serde_json::Value;
use std::fs;
use std::path::Path;

/// The file `name` of `tests/golden`.
pub(crate) fn file(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/golden").join(name);
    let text = fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// A number, or one of the strings that stand for what JSON has no number for.
pub(crate) fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| match value.as_str() {
        Some("nan") => f64::NAN,
        Some("inf") => f64::INFINITY,
        Some("-inf") => f64::NEG_INFINITY,
        _ => panic!("`{value}` is no number"),
    })
}

pub(crate) fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(number).collect()
}

/// Fails unless `ours` is within `relative` of `theirs` or within `absolute`.
pub(crate) fn assert_near(what: &str, ours: f64, theirs: f64, relative: f64, absolute: f64) {
    let off = (ours - theirs).abs();
    let allowed = absolute.max(relative * theirs.abs());
    assert!(off <= allowed, "{what}: {ours} is not {theirs} (off by {off:e})");
}

/// Uniform numbers in `0..1`, the same as `u(seed, n)` of `generate.py`.
#[derive(Clone, Debug)]
pub(crate) struct Uniform(Stream);

impl Uniform {
    pub(crate) fn new(seed: u64) -> Self {
        Self(Stream::new(seed))
    }
}

impl Iterator for Uniform {
    type Item = f64;

    fn next(&mut self) -> Option<f64> {
        Some(self.0.uniform())
    }
}

/// `n` nearly normal numbers, the same as `g12(seed, n)` of `generate.py`.
pub(crate) fn g12(seed: u64, n: usize) -> Vec<f64> {
    let mut stream = Stream::new(seed);
    (0..n).map(|_| stream.normal()).collect()
}
