//! The kernel's account, read.

use super::*;

#[test]
fn the_second_number_is_the_time_spent_waiting() {
    assert_eq!(waited("123456 2500000 17\n"), Some(2.5));
    assert_eq!(waited("123456"), None);
    assert_eq!(waited("a b c"), None);
}

#[test]
fn time_does_not_go_back() {
    let watch = Stopwatch::start();
    let first = watch.millis();
    assert!(first >= 0.0 && watch.millis() >= first);
}
