//! Jumps of the clock.

use super::*;

#[test]
fn a_clock_that_was_set_by_more_than_a_minute_jumped() {
    let at = |seconds: i64| Instant::from_micros(seconds * 1_000_000);
    let after = |from, to, elapsed| jump(at(from), at(to), Duration::from_seconds(elapsed));
    assert_eq!(after(0, 30, 30), None);
    assert_eq!(after(0, 90, 30), None);
    assert_eq!(after(0, 91, 30), Some(Duration::from_seconds(61)));
    assert_eq!(after(100, 10, 5), Some(Duration::from_seconds(-95)));
    assert_eq!(after(0, 0, 60), None);
    // A machine that slept: its other clock stood still.
    assert_eq!(after(0, 28_800, 0), Some(Duration::from_seconds(28_800)));
}
