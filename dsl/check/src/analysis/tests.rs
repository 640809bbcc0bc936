use super::interval::Interval;

#[test]
fn stretches_of_numbers_meet() {
    let over = |at| Interval::above(at, true);
    let upto = |at| Interval::below(at, false);
    assert!(over(1.0).meet(upto(1.0)).is_empty());
    assert!(!Interval::above(1.0, false).meet(upto(1.0)).is_empty());
    assert!(Interval::above(1.0, false).meet(Interval::below(1.0, true)).is_empty());
    assert!(over(2.0).meet(upto(1.0)).is_empty());
    assert!(!over(1.0).meet(upto(2.0)).meet(over(0.0)).meet(upto(9.0)).is_empty());
    // Both ends at one place: out in one is out in both.
    assert!(over(1.0).meet(Interval::above(1.0, false)).meet(upto(1.0)).is_empty());
}
