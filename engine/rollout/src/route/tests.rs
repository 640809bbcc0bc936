use super::*;
use proptest::prelude::*;

fn model(name: &str) -> ModelId {
    ModelId::derive(&[name])
}

fn share(points: u16) -> BasisPoints {
    BasisPoints::new(points).unwrap()
}

fn on_trial(points: u16) -> Candidate {
    let deployment = DeploymentId::derive(&["d1"]);
    Candidate { model: model("v2"), deployment, share: share(points) }
}

/// Units of `salt` below 1,000 among 100,000.
fn first_tenth(salt: &str) -> Vec<bool> {
    (0..100_000).map(|unit| bucket(salt, &format!("t/u{unit}")) < 1_000).collect()
}

#[test]
fn buckets_are_those_any_language_computes() {
    // Computed with Python's hashlib.
    for (salt, unit, expected) in [
        ("deploy-uuid-9999", "tenant_001/user_123", 8_650),
        ("deploy-uuid-9999", "tenant_001/user_124", 3_078),
        ("deploy-uuid-0001", "tenant_001/user_123", 1_205),
        ("deploy-uuid-9999", "req:1", 9_400),
    ] {
        assert_eq!(bucket(salt, unit), expected, "{salt} {unit}");
    }
}

#[test]
fn a_tenth_is_a_tenth_and_another_tenth_each_time() {
    let (first, second) = (first_tenth("d1"), first_tenth("d2"));
    let in_first = first.iter().filter(|is_in| **is_in).count();
    assert_eq!(in_first, 9_977);
    let in_both = first.iter().zip(&second).filter(|(a, b)| **a && **b).count();
    assert_eq!(in_both * 10_000 / in_first, 988, "9.88 % of them");
}

#[test]
fn without_a_model_nobody_answers() {
    let table = RoutingTable::new(None);
    assert_eq!((table.arm("t/u"), table.model("t/u")), (None, None));
    let table = table.with_candidate(Some(on_trial(10_000)));
    assert_eq!(table.model("t/u"), Some(&model("v2")));
}

#[test]
fn a_stale_table_is_refused_and_the_same_one_taken_again() {
    let old = RoutingTable::new(Some(model("v1")));
    let tenth = old.with_candidate(Some(on_trial(1_000)));
    let other = old.with_candidate(Some(on_trial(2_500)));
    let half = tenth.with_candidate(Some(on_trial(5_000)));

    let mut table = old.clone();
    table.replace(tenth.clone()).unwrap();
    table.replace(tenth.clone()).unwrap();
    let error = table.replace(other).unwrap_err();
    assert_eq!(error, StaleGeneration { current: 1, offered: 1 });
    table.replace(half.clone()).unwrap();
    let error = table.replace(tenth).unwrap_err();
    assert_eq!(error.to_string(), "generation 1 of the routing table does not follow generation 2");
    table.replace(old).unwrap_err();
    assert_eq!(table, half);
}

#[test]
fn only_a_candidate_with_all_of_the_traffic_is_promoted() {
    let table = RoutingTable::new(Some(model("v1")));
    assert_eq!(table.promoted(), None);
    assert_eq!(table.with_candidate(Some(on_trial(9_999))).promoted(), None);
    let promoted = table.with_candidate(Some(on_trial(10_000))).promoted().unwrap();
    assert_eq!((promoted.production(), promoted.candidate()), (Some(&model("v2")), None));
    assert_eq!(promoted.generation(), 2);
}

proptest! {
    #[test]
    fn a_unit_stays_in_a_growing_canary(user in any::<u32>(), from in 0..=10_000_u16, to in 0..=10_000_u16) {
        let (from, to) = (from.min(to), from.max(to));
        let unit = format!("tenant/{user}");
        let table = RoutingTable::new(Some(model("v1")));
        let arm = |points| table.with_candidate(Some(on_trial(points))).arm(&unit);
        prop_assert!(arm(from) == Some(Arm::Production) || arm(to) == Some(Arm::Candidate));
        prop_assert_eq!(arm(0), Some(Arm::Production));
        prop_assert_eq!(arm(10_000), Some(Arm::Candidate));
        let (rest, trial) = table.with_candidate(Some(on_trial(to))).shares();
        prop_assert_eq!(rest.points() + trial.points(), 10_000);
    }
}
