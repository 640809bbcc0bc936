use super::*;
use std::sync::Arc;

/// Longer than any test may take: who sleeps this long was not woken.
const NEVER: Duration = Duration::from_hours(24);

#[test]
fn a_ring_before_the_wait_is_not_lost_and_wakes_once() {
    let bell = Bell::default();
    bell.ring();
    bell.ring();
    bell.wait(NEVER);
    assert!(!*bell.is_rung.lock().unwrap(), "both rings were heard in one wait");
    bell.wait(Duration::ZERO);
}

#[test]
fn a_ring_from_another_thread_ends_the_wait() {
    let bell = Arc::new(Bell::default());
    let far = Arc::clone(&bell);
    let ringer = std::thread::spawn(move || far.ring());
    bell.wait(NEVER);
    ringer.join().unwrap();
}
