use super::Pairs;
use crate::healthy::percent;
use suho_domain::{Duration, Instant, Ratio};

const HOUR: Duration = Duration::HOUR;

fn hours(count: i64) -> Duration {
    Duration::from_hours(count)
}

/// Two days of hourly bars with labels four hours later.
fn two_days(seed: u64, candidate: Option<Ratio>, baseline: Ratio) -> Pairs {
    let began = Instant::from_micros(0);
    let mut pairs = Pairs::new(began, HOUR, hours(4), seed);
    for hour in 1..=52 {
        pairs.close(began.plus(hours(hour)), hours(hour), (candidate, Some(baseline)));
    }
    pairs
}

#[test]
fn a_candidate_that_is_no_worse_is_never_found_worse() {
    for seed in 0..200 {
        let judged = two_days(seed, Some(percent(65, 2)), percent(65, 2)).judge(hours(52));
        assert!(judged.blocks.iter().all(|block| block.difference == 0), "seed {seed}");
        let judged = two_days(seed, Some(percent(70, 2)), percent(65, 2)).judge(hours(52));
        assert!(judged.blocks.iter().all(|block| block.difference >= 0), "seed {seed}");
    }
}

#[test]
fn a_candidate_that_is_worse_is_worse_bar_by_bar() {
    let lost = |seed| -> i64 {
        let judged = two_days(seed, Some(percent(35, 2)), percent(65, 2)).judge(hours(52));
        judged.blocks.iter().map(|block| block.difference).sum()
    };
    let mean = (0..200).map(lost).sum::<i64>() as f64 / 200.0;
    // Four blocks of twelve bars, of each of which 30 % are lost: 14.4, with an error of 0.2.
    assert!((mean + 14.4).abs() < 1.0, "{mean}");
}

#[test]
fn labels_are_due_a_horizon_later_and_those_that_are_missing_are_missed() {
    let judged = two_days(1, Some(percent(50, 2)), percent(65, 2)).judge(hours(34));
    assert_eq!((judged.events.due, judged.events.matured, judged.correct.right), (30, 30, 15));
    assert_eq!(judged.accuracy, Some(percent(50, 2)));
    assert_eq!(judged.blocks.len(), 2);
    let judged = two_days(1, None, percent(65, 2)).judge(hours(34));
    assert_eq!((judged.events.due, judged.events.matured), (30, 0));
    assert_eq!(judged.accuracy, None);
}

#[test]
fn an_earlier_moment_is_taken_up_as_it_was() {
    let mut pairs = two_days(3, Some(percent(60, 2)), percent(65, 2));
    let before = pairs.judge(hours(20));
    pairs.rewind(Instant::from_micros(0).plus(hours(30)));
    let after = pairs.judge(hours(20));
    assert_eq!(format!("{before:?}"), format!("{after:?}"));
}
