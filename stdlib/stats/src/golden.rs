//! Golden numbers of the tests, and the inputs they were made from.

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

/// Uniform numbers in `0..1` by splitmix64, the same as `u(seed, n)` of `generate.py`.
#[derive(Clone, Debug)]
pub(crate) struct Uniform(pub(crate) u64);

impl Iterator for Uniform {
    type Item = f64;

    fn next(&mut self) -> Option<f64> {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^= z >> 31;
        Some((z >> 11) as f64 * 2.0_f64.powi(-53))
    }
}

/// `n` nearly normal numbers, the same as `g12(seed, n)` of `generate.py`.
pub(crate) fn g12(seed: u64, n: usize) -> Vec<f64> {
    let mut uniform = Uniform(seed);
    (0..n).map(|_| uniform.by_ref().take(12).fold(0.0, |sum, value| sum + value) - 6.0).collect()
}

#[test]
fn the_inputs_are_those_of_the_generator() {
    let golden = file("prng_check.json");
    // One unit in the last place: serde_json rounds what it reads a little less than perfectly.
    let check = |ours: &[f64], theirs: &Value| {
        assert_eq!(ours.len(), theirs.as_array().unwrap().len());
        for (ours, theirs) in ours.iter().zip(numbers(theirs)) {
            assert_near("input", *ours, theirs, f64::EPSILON, 0.0);
        }
    };
    check(&Uniform(42).take(8).collect::<Vec<_>>(), &golden["splitmix64_seed42_first8"]);
    check(&g12(42, 4), &golden["g12_seed42_first4"]);
}
