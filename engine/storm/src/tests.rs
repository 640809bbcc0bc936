//! Some storms, some planted bugs, and a part of all single faults. Larger batches are the
//! example's: `cargo run --release --example storm -- --seeds 0..20000`.

use crate::{Bug, Config, Faults, Plot, catch, exhaust, play, sweep};

/// Virtual days of a storm.
const DAYS: u32 = 10;
/// Storms of one test.
const STORMS: u64 = 40;
/// Storms within which a planted bug is found.
const STORMS_OF_A_BUG: u64 = 20;

/// Plays a stretch of storms, each of which keeps every promise.
fn keeps(part: u64) -> crate::Tally {
    let plot = Plot::new().unwrap();
    let batch = sweep(&plot, part * STORMS..(part + 1) * STORMS, DAYS, None);
    let again = "play it again with `--example storm -- --seeds SEED`";
    assert!(batch.broken.is_empty(), "{again}: {:#?}", batch.broken);
    batch.tally
}

#[test]
fn storms_break_no_promise_and_try_it_hard() {
    let tally = keeps(0);
    let hard = [tally.crashes, tally.pauses, tally.naps, tally.lost_before, tally.lost_after];
    let seen = [tally.taken_up, tally.retrained, tally.rolled_back, tally.fired, tally.skipped];
    assert!(hard.iter().chain(&seen).all(|count| *count > 0), "{tally:#?}");
}

#[test]
fn the_same_seed_is_the_same_storm() {
    let plot = Plot::new().unwrap();
    for seed in 0..10 {
        let config = Config { seed, days: DAYS, bug: None, faults: Faults::Swarm };
        let again = play(&Plot::new().unwrap(), &config);
        assert_eq!(play(&plot, &config), again, "seed {seed}");
    }
}

#[test]
fn another_seed_is_another_storm() {
    let plot = Plot::new().unwrap();
    let hash = |seed| sweep(&plot, seed..seed + 1, DAYS, None).fingerprint;
    assert_ne!(hash(0), hash(1));
}

/// Planted bugs that nearly every storm finds; how many storms the others take the example says:
/// `storm --bugs`.
const QUICK: [Bug; 11] = [
    Bug::NoLogCheck,
    Bug::TornCommit,
    Bug::ChangesFirst,
    Bug::HalfPromotion,
    Bug::TwoProductions,
    Bug::OldPlan,
    Bug::StatusColumn,
    Bug::EditFires,
    Bug::CancelForgotten,
    Bug::CancelAnswered,
    Bug::LostOnStart,
];

#[test]
fn planted_bugs_are_found() {
    let plot = Plot::new().unwrap();
    for bug in QUICK {
        let caught = catch(&plot, 0..STORMS_OF_A_BUG, DAYS, bug);
        assert!(caught.is_some(), "`{}` is not found in {STORMS_OF_A_BUG} storms", bug.word());
    }
}

#[test]
fn every_planted_bug_has_a_name_of_its_own() {
    for bug in Bug::ALL {
        assert_eq!(bug.word().parse(), Ok(*bug));
        assert!(!bug.what().is_empty() && !bug.like().is_empty());
    }
    assert!("nothing".parse::<Bug>().is_err());
}

#[test]
fn a_death_or_a_lost_reply_anywhere_keeps_every_promise() {
    let plot = Plot::new().unwrap();
    // One in so many; the example plays all.
    let batch = exhaust(&plot, 7, (0, 40));
    assert!(batch.broken.is_empty(), "{:#?}", batch.broken);
    assert!(batch.tally.retrained > 0 && batch.tally.crashes > 0 && batch.tally.lost_after > 0);
}
