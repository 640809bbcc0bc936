use super::latencies;
use suho_domain::{Duration, Value};

fn with(given: &[(&str, i64)]) -> Vec<i64> {
    let given = |part: &str| {
        let found = given.iter().find(|(name, _)| *name == part);
        found.map(|(_, millis)| Value::Duration(Duration::from_millis(*millis)))
    };
    let millis = |(_, value): (&str, Value)| match value {
        Value::Duration(span) => span.micros() / 1_000,
        _ => -1,
    };
    latencies(given).into_iter().map(millis).collect()
}

#[test]
fn quantiles_that_are_not_given_stay_in_order() {
    assert_eq!(with(&[]), [20, 60, 80, 120, 200]);
    assert_eq!(with(&[("p95", 300)]), [20, 60, 300, 300, 300]);
    assert_eq!(with(&[("p95", 10)]), [10, 10, 10, 120, 200]);
    assert_eq!(with(&[("p50", 500), ("max", 900)]), [500, 500, 500, 500, 900]);
}
