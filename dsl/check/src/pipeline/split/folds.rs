//! Splits of several folds: windows that last, groups that leave something to train on.

use suho_domain::{Duration, Value, Variant};

/// What is wrong with a walk forward or a choice of groups, if anything.
pub(super) fn unsound(split: &Variant) -> Option<String> {
    let window = |name: &str| match split.fields.get(name) {
        Some(Value::Duration(window)) if *window <= Duration::ZERO => {
            Some(format!("the `{name}` of a walk forward is longer than nothing"))
        }
        _ => None,
    };
    let number = |name: &str| match split.fields.get(name) {
        Some(Value::Int(number)) => Some(*number),
        _ => None,
    };
    let of_groups = || {
        let (groups, test) = (number("groups")?, number("test")?);
        (test < 1 || groups <= test)
            .then(|| format!("{test} of {groups} groups cannot be tested: one is left to train on"))
    };
    let of_validation = || match split.fields.get("validation") {
        Some(Value::Ratio(share)) if share.to_f64() <= 0.0 || share.to_f64() >= 1.0 => {
            Some("the `validation` of a fold is more than nothing and less than all".to_owned())
        }
        _ => None,
    };
    window("train")
        .or_else(|| window("test"))
        .or_else(|| window("step"))
        .or_else(of_groups)
        .or_else(of_validation)
}
