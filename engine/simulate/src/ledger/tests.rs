use super::{Ledger, recent};
use crate::given::Givens;
use crate::healthy::percent;
use crate::meter::{Meter, Reading, Service};
use suho_domain::{Duration, Name, Ratio, Value};

fn healthy() -> Reading {
    let (givens, step) = (Givens::default(), Name::new("tenth").unwrap());
    Meter { givens: &givens, step: &step }.read(Duration::ZERO, Service::Up)
}

fn with_errors(rate: Option<Ratio>) -> Reading {
    Reading { error_rate: rate, ..healthy() }
}

#[test]
fn a_rate_at_a_limit_stays_at_the_limit() {
    let mut ledger = Ledger::default();
    for _ in 0..10_000 {
        ledger.pass(&with_errors(Some(percent(5, 2))));
    }
    let reading = with_errors(Some(percent(5, 2)));
    let totals = ledger.totals(&reading);
    assert_eq!((totals.requests, totals.errors), (10_000_000, 500_000));
    assert_eq!(ledger.metrics(&reading)["error_rate"], Value::Ratio(percent(5, 2)));
}

#[test]
fn what_is_missing_is_no_zero() {
    let mut ledger = Ledger::default();
    let missing = with_errors(None);
    for _ in 0..10 {
        ledger.pass(&missing);
    }
    assert!(matches!(ledger.metrics(&missing)["error_rate"], Value::Undefined(_)));
    assert!(matches!(recent(&missing, true)["error_rate"], Value::Undefined(_)));
    assert_eq!(ledger.window(&missing).requests, 0, "a guardrail sees nobody");
    ledger.pass(&with_errors(Some(percent(10, 2))));
    let rate = ledger.metrics(&missing)["error_rate"].clone();
    assert_eq!(rate, Value::Ratio(percent(10, 2)), "the mean of what was measured");
}

#[test]
fn a_quantile_of_all_is_that_of_most_minutes() {
    let mut ledger = Ledger::default();
    let slow = Reading { latency: [Some(Duration::from_millis(900)); 5], ..healthy() };
    let fast = healthy();
    for minute in 0..100 {
        ledger.pass(if minute < 5 { &slow } else { &fast });
    }
    let p95 = |ledger: &Ledger| ledger.metrics(&healthy())["latency.p95"].to_string();
    assert_eq!(p95(&ledger), "80ms");
    ledger.pass(&slow);
    assert_eq!(p95(&ledger), "900ms");
    assert_eq!(ledger.metrics(&healthy())["latency.max"].to_string(), "900ms");
}

#[test]
fn a_service_that_is_down_answers_no_probe() {
    let (givens, step) = (Givens::default(), Name::new("tenth").unwrap());
    let down = Meter { givens: &givens, step: &step }.read(Duration::ZERO, Service::Down);
    let mut ledger = Ledger::default();
    ledger.pass(&healthy());
    assert_eq!(ledger.probes().failed_in_a_row, 0);
    ledger.pass(&down);
    let probes = ledger.probes();
    assert_eq!((probes.answered, probes.sent, probes.failed_in_a_row), (10_000, 20_000, 6));
}
