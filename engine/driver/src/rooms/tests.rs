use super::*;
use suho_domain::Duration;
use suho_scheduler::{Room, Share};

fn run(text: &str) -> RunId {
    RunId::derive(&[text])
}

/// What a run says that has one attempt at work or none, and wants `x` or nothing, where there is
/// one slot.
fn claim(at_work: usize, wants: usize) -> Claim {
    Claim {
        priority: Priority::Asked,
        share: Share { slots: Some(1), room: Room::ENDLESS },
        at_work: vec![Room::default(); at_work],
        wants: vec![(Name::new("x").unwrap(), Room::default()); wants],
    }
}

fn may_begin(rooms: &Rooms, run: &RunId, claim: Claim, bell: &Arc<Bell>) -> bool {
    let mut wanted = vec![(Name::new("x").unwrap(), 1)];
    rooms.say(run, claim, Some(Arc::clone(bell)), &mut wanted);
    !wanted.is_empty()
}

#[test]
fn who_waits_for_room_is_woken_when_another_run_leaves_some() {
    let (rooms, first, second) = (Rooms::default(), run("first"), run("second"));
    let (of_first, of_second) = (Arc::<Bell>::default(), Arc::<Bell>::default());
    assert!(may_begin(&rooms, &first, claim(0, 1), &of_first));
    assert!(!may_begin(&rooms, &second, claim(0, 1), &of_second));
    assert!(!may_begin(&rooms, &first, claim(1, 0), &of_first));
    std::thread::scope(|scope| {
        // Returns at once where it was rung, and hangs the test where it was not.
        let sleeper = scope.spawn(|| of_second.wait(Duration::from_hours(1)));
        may_begin(&rooms, &first, claim(0, 0), &of_first);
        sleeper.join().unwrap();
    });
    assert!(may_begin(&rooms, &second, claim(0, 1), &of_second));
}

#[test]
fn a_run_that_rests_keeps_its_room_and_one_that_leaves_does_not() {
    let (rooms, first, second) = (Rooms::default(), run("first"), run("second"));
    let bell = Arc::<Bell>::default();
    may_begin(&rooms, &first, claim(1, 0), &bell);
    rooms.rest(&first);
    assert!(!may_begin(&rooms, &second, claim(0, 1), &bell));
    rooms.leave(&first);
    assert!(may_begin(&rooms, &second, claim(0, 1), &bell));
}
