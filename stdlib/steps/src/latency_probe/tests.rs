//! Few requests of a small model: that every figure is there and in order, not how fast.

use super::*;
use crate::tests::{Heard, World};
use suho_domain::{Record, Value};

fn inputs(data: &Record, model: &Value) -> Record {
    crate::tests::fields([
        ("model", model.clone()),
        ("requests", Value::Int(120)),
        ("warmup", Value::Int(5)),
        ("data", Value::Record(data.clone())),
    ])
}

#[test]
fn a_probe_gives_every_quantile_in_order() {
    let world = World::new();
    let data = world.data();
    let model = world.model(&data);
    let mut heard = Heard::default();
    let outputs = world.run_heard("latency_probe", inputs(&data, &model), &mut heard).unwrap();
    let latency = outputs.get("latency").unwrap();
    let of = |name: &str| match latency.field(name) {
        Some(Value::Duration(duration)) => *duration,
        other => panic!("{name}: {other:?}"),
    };
    let quantiles = ["p50", "p90", "p95", "p99", "max"].map(of);
    assert!(quantiles.is_sorted() && quantiles[0] > suho_domain::Duration::ZERO);
    assert!(heard.progress.len() >= 2);
    assert!(matches!(outputs.get("noisy"), Some(Value::Bool(_))));
    world.undone_leaves_nothing("latency_probe", inputs(&data, &model));
}

fn said(waiting: Option<f64>) -> (Option<Value>, Option<Value>) {
    let latencies_ms = (1..=100).map(f64::from).collect();
    let outputs = Outputs::from(outputs(&Probe { latencies_ms, waiting }, 100, 10));
    let latency = outputs.get("latency").unwrap();
    assert_eq!(latency.field("p95").unwrap().to_string(), "95ms");
    assert_eq!(latency.field("p50").unwrap().to_string(), "50ms");
    (outputs.get("noisy").cloned(), outputs.get("waiting").cloned())
}

#[test]
fn a_probe_that_waited_for_a_fifth_of_its_time_says_so() {
    assert_eq!(said(Some(0.1)).0, Some(Value::Bool(false)));
    assert_eq!(said(Some(0.21)).0, Some(Value::Bool(true)));
    let (noisy, waiting) = said(None);
    assert_eq!(noisy, Some(Value::Bool(false)));
    assert!(matches!(waiting, Some(Value::Undefined(_))));
}
