use super::*;
use Answer::{False, NoData, NotApplicable, True};

/// At which minutes a condition that has to hold for `lasting` minutes fires.
fn fires(lasting: i64, answers: &[(i64, Answer)]) -> Vec<i64> {
    let mut streak = Streak::default();
    let lasting = (lasting > 0).then(|| Duration::from_minutes(lasting));
    let mut fired = Vec::new();
    for (minute, answer) in answers {
        let market = Duration::from_minutes(*minute);
        streak.take(*answer, market);
        if streak.fires(market, lasting) {
            fired.push(*minute);
        }
    }
    fired
}

#[test]
fn a_condition_without_a_time_fires_while_it_holds() {
    assert_eq!(fires(0, &[(0, False), (1, True), (2, True), (3, False)]), [1, 2]);
    assert_eq!(fires(0, &[(0, True), (1, NoData), (2, NotApplicable)]), [0]);
}

#[test]
fn a_condition_has_to_hold_over_all_of_its_time() {
    let held: Vec<_> = (0..6).map(|minute| (minute, True)).collect();
    assert_eq!(fires(3, &held), [3, 4, 5]);
    let broken = [(0, True), (1, True), (2, False), (3, True), (4, True), (5, True)];
    assert_eq!(fires(3, &broken), Vec::<i64>::new());
}

#[test]
fn a_gap_of_two_samples_is_bridged_and_a_longer_one_is_not() {
    assert_eq!(fires(3, &[(0, True), (1, NoData), (2, True), (3, True)]), [3]);
    assert_eq!(fires(3, &[(0, True), (2, True), (4, True)]), [4]);
    let longer = [(0, True), (1, NoData), (2, NoData), (3, True), (4, True), (5, True)];
    assert_eq!(fires(3, &longer), Vec::<i64>::new());
    assert_eq!(fires(3, &[(0, True), (3, True), (4, True), (5, True), (6, True)]), [6]);
}
