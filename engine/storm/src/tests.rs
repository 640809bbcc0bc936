//! A few hundred storms, every planted bug, and a part of all single faults. Larger batches are the
//! example's: `cargo run --release --example storm -- --seeds 0..20000`.

use crate::{Bug, Config, Faults, Plot, catch, exhaust, play, sweep};

/// Virtual days of a storm.
const DAYS: u32 = 10;
/// Storms of one test.
const STORMS: u64 = 60;
/// Storms within which a planted bug is found.
const STORMS_OF_A_BUG: u64 = 200;

/// Plays a stretch of storms, each of which keeps every promise.
fn keeps(part: u64) -> crate::Tally {
    let plot = Plot::new().unwrap();
    let batch = sweep(&plot, part * STORMS..(part + 1) * STORMS, DAYS, None);
    let again = "play it again with `--example storm -- --seeds SEED`";
    assert!(batch.broken.is_empty(), "{again}: {:#?}", batch.broken);
    batch.tally
}

#[test]
fn storms_break_no_promise() {
    keeps(0);
}

#[test]
fn more_storms_break_no_promise() {
    keeps(1);
}

#[test]
fn a_few_hundred_storms_try_everything() {
    let mut tally = keeps(2);
    tally.add(&keeps(3));
    tally.add(&keeps(4));
    assert_eq!(tally.never(), Vec::<&str>::new(), "never happened");
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

/// Plays storms until each of every so many planted bugs is found.
fn finds(part: usize, parts: usize) {
    let plot = Plot::new().unwrap();
    for bug in Bug::ALL.iter().skip(part).step_by(parts) {
        let caught = catch(&plot, 0..STORMS_OF_A_BUG, DAYS, *bug);
        assert!(caught.is_some(), "`{}` is not found in {STORMS_OF_A_BUG} storms", bug.word());
    }
}

#[test]
fn planted_bugs_are_found() {
    finds(0, 2);
}

#[test]
fn all_other_planted_bugs_are_found() {
    finds(1, 2);
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
    let batch = exhaust(&plot, 7, (0, 20));
    assert!(batch.broken.is_empty(), "{:#?}", batch.broken);
    assert!(batch.tally.retrained > 0 && batch.tally.crashes > 0 && batch.tally.lost_after > 0);
}
