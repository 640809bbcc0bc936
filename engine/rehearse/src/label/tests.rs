use super::*;
use suho_domain::units::{Decimal, Ratio};
use suho_domain::{Record, Variant};

fn declared<const N: usize>(name: &str, fields: [(&str, Value); N]) -> Value {
    let fields: Record = fields.into_iter().map(|(k, v)| (k.to_owned(), v)).collect();
    Value::Variant(Variant { name: name.to_owned(), fields })
}

#[test]
fn declared_rules_are_the_datasets() {
    let vol = declared("vol_scaled", [("k", Value::Float(0.5)), ("window", Value::Int(100))]);
    assert_eq!(rule(&vol), Ok(LabelRule::VolScaled { k: 0.5 }));
    assert_eq!(rule(&declared("vol_scaled", [])), Ok(LabelRule::VolScaled { k: 0.43 }));
    let ratio = Value::Ratio(Ratio::new(Decimal::new(10, 4)));
    assert_eq!(
        rule(&declared("fixed", [("threshold", ratio)])),
        Ok(LabelRule::Fixed { bps: 10.0 })
    );
    let barriers = [("profit", Value::Float(1.5)), ("stop", Value::Float(1.0))];
    assert_eq!(
        rule(&declared("triple_barrier", barriers)),
        Ok(LabelRule::TripleBarrier { profit: 1.5, stop: 1.0 })
    );
}

#[test]
fn rules_that_the_dataset_would_not_compute_are_refused() {
    let other_window = declared("vol_scaled", [("window", Value::Int(50))]);
    for refused in
        [other_window, declared("fixed", []), declared("triple_barrier", []), Value::None]
    {
        assert_eq!(rule(&refused).unwrap_err().code, "label-not-computable");
    }
}

#[test]
fn a_horizon_is_a_whole_number_of_bars() {
    let rule = LabelRule::VolScaled { k: 0.43 };
    let hour = Duration::HOUR.micros();
    assert_eq!(horizon(Duration::from_hours(4), hour, rule).map(NonZeroU32::get), Ok(4));
    assert_eq!(horizon(Duration::from_minutes(90), hour, rule).unwrap_err().code, "ragged-horizon");
    assert_eq!(horizon(Duration::ZERO, hour, rule).unwrap_err().code, "ragged-horizon");
    let nothing = LabelRule::VolScaled { k: 0.0 };
    let refused = horizon(Duration::from_hours(4), hour, nothing).unwrap_err();
    assert_eq!(refused.code, "label-not-computable");
}
