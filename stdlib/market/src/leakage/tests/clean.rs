//! Honest work on random markets raises no alarm.

use super::facts::Facts;
use super::*;

/// The alarms of 50 markets from `first` on.
fn alarms(first: u64) -> Vec<String> {
    let of = |seed: u64| {
        let report = Facts::honest(seed).report();
        let alarms: Vec<String> = report
            .findings
            .iter()
            .filter(|finding| finding.verdict != LeakVerdict::Pass)
            .map(|finding| format!("seed {seed}: {finding}"))
            .collect();
        assert_eq!(report.is_clean(), alarms.is_empty());
        alarms
    };
    (first..first + 50).flat_map(of).collect()
}

// Four tests, so that they share the machine's cores.

#[test]
fn no_false_alarm_on_markets_0_to_49() {
    assert_eq!(alarms(0), Vec::<String>::new());
}

#[test]
fn no_false_alarm_on_markets_50_to_99() {
    assert_eq!(alarms(50), Vec::<String>::new());
}

#[test]
fn no_false_alarm_on_markets_100_to_149() {
    assert_eq!(alarms(100), Vec::<String>::new());
}

#[test]
fn no_false_alarm_on_markets_150_to_199() {
    assert_eq!(alarms(150), Vec::<String>::new());
}
