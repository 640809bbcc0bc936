//! What a tester may say, and a clock that is set.

use super::*;

#[test]
fn a_tester_says_the_time_and_a_rate() {
    assert_eq!(word("now=1500"), Some(Word::Now(Instant::from_micros(1_500_000))));
    assert_eq!(word(" rate=60 \n"), Some(Word::Rate(60.0)));
    for nothing in ["now", "now=soon", "rate=NaN", "rate=inf", "then=1", ""] {
        assert_eq!(word(nothing), None, "{nothing}");
    }
}

#[test]
fn a_clock_stands_still_until_it_is_set() {
    let clock = TestClock::at(Instant::from_micros(5));
    let (told, hear) = std::sync::mpsc::channel();
    let told = Mutex::new(told);
    clock.on_change(Box::new(move || told.lock().unwrap().send(()).unwrap()));
    assert_eq!(clock.now(), Instant::from_micros(5));
    assert_eq!(clock.until(Instant::from_micros(9)), None, "waiting brings nothing");
    clock.set(Instant::from_micros(9));
    assert_eq!(clock.now(), Instant::from_micros(9));
    hear.recv().unwrap();
}
