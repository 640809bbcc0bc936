use super::*;
use crate::{BlockLength, BlockMean, HarmTest, Verdict};
use std::num::NonZeroU64;

fn count(n: u32) -> NonZeroU32 {
    NonZeroU32::new(n).unwrap()
}

/// 48 hourly bars of one currency pair, labels four bars ahead, 200 requests a bar, one in ten to
/// the candidate.
fn plan() -> CanaryPlan {
    CanaryPlan {
        events: EventModel {
            block: BlockLength::of_horizon(count(4)),
            symbols: count(1),
            discordance: 0.2,
            effect: 0.0,
            autocorrelation: 0.2,
            correlation: 0.0,
        },
        looks: count(4),
        alpha: Alpha::FIVE_PERCENT,
        requests_per_event: count(200),
        traffic: 0.1,
        accuracy: 0.6,
    }
}

/// Scenario 55.
#[test]
fn equal_models_are_seldom_called_harmful_and_often_by_counting_requests() {
    for looks in [4, 8] {
        let plan = CanaryPlan { looks: count(looks), ..plan() };
        let rates = canary(&plan, count(1_000), 1).unwrap();
        assert!(rates.harm.share <= 0.07, "{looks}: {rates:?}");
        assert!(
            (1.4..2.2).contains(&rates.inflation) && rates.difference.abs() < 0.01,
            "{looks}: {rates:?}"
        );
    }
    let independent = EventModel { autocorrelation: 0.0, ..plan().events };
    let rates = canary(&CanaryPlan { events: independent, ..plan() }, count(1_000), 1).unwrap();
    assert!((0.52..0.68).contains(&rates.naive.share), "{rates:?}");
    assert!(rates.naive_at_each_look.share > rates.naive.share, "{rates:?}");
    assert!(rates.harm.share <= 0.07, "{rates:?}");
    assert!((0.9..1.1).contains(&rates.inflation), "{rates:?}");
}

/// Scenario 56.
#[test]
fn a_crash_is_called_off_before_its_end() {
    let events =
        EventModel { discordance: 0.3, effect: -0.25, autocorrelation: 0.1, ..plan().events };
    let plan = CanaryPlan { events, looks: count(20), requests_per_event: count(1), ..plan() };
    let rates = canary(&plan, count(300), 2).unwrap();
    assert!(rates.harm_by_look[18].share >= 0.9, "{rates:?}");
    assert!(rates.harm_by_look.windows(2).all(|pair| pair[0].share <= pair[1].share));
    assert!((rates.difference + 0.25).abs() < 0.01, "{rates:?}");
    assert!(rates.harm_by_look[1].share <= 0.0, "two blocks are too few to say anything");
}

#[test]
fn a_game_decides_as_the_harm_test_does() {
    let plan = CanaryPlan { looks: count(5), requests_per_event: count(1), ..plan() };
    let fractions: Vec<f64> = (1..=5).map(|k| f64::from(k) / 5.0).collect();
    let solved = boundaries(plan.alpha, &fractions).unwrap();
    let bounds: Vec<_> = (1..).zip(solved).map(|(k, z)| z.and_then(|z| t_boundary(z, k))).collect();
    let events = EventModel { effect: -0.08, autocorrelation: 0.1, ..plan.events };
    let plan = CanaryPlan { events, ..plan };
    let mut harmed = 0;
    for seed in 0..6 {
        let game = plan.play(&bounds, Hidden::behind(&plan.events), Stream::new(seed));
        let mut test = HarmTest::new(plan.alpha, NonZeroU64::new(60).unwrap());
        let block =
            |mean: &f64| BlockMean { block: 0, mean: *mean, events: NonZeroU64::new(12).unwrap() };
        let verdicts: Vec<_> =
            game.means.iter().map(|mean| test.look(&block(mean)).verdict).collect();
        let first = verdicts.iter().position(|verdict| *verdict == Verdict::Harm);
        assert_eq!(game.harm, first, "seed {seed}");
        harmed += usize::from(first.is_some());
    }
    assert!((1..6).contains(&harmed), "{harmed}");
}

#[test]
fn requests_are_right_as_often_as_the_models_are() {
    let events = EventModel { effect: -0.1, discordance: 0.3, ..plan().events };
    let plan = CanaryPlan { events, traffic: 0.25, requests_per_event: count(8), ..plan() };
    let mut events = Events::new(&plan.events, Hidden::behind(&plan.events), Stream::new(1));
    let mut requests = Requests::default();
    for _ in 0..50_000 {
        events.bar(|difference, stream| requests.ask(&plan, difference, stream));
    }
    let share = |(right, asked): (u64, u64)| right as f64 / asked as f64;
    let asked = requests.candidate.1 as f64 / 400_000.0;
    for (what, ours, planned) in [
        ("candidate", share(requests.candidate), 0.5),
        ("baseline", share(requests.baseline), 0.6),
        ("traffic", asked, 0.25),
    ] {
        assert!((ours - planned).abs() < 0.01, "{what}: {ours}");
    }
}

#[test]
fn a_seed_plays_the_same_games() {
    let plan = CanaryPlan { looks: count(2), ..plan() };
    let rates = |seed| canary(&plan, count(40), seed).unwrap();
    assert_eq!(rates(3), rates(3));
    assert_ne!(rates(3), rates(4));
}

#[test]
fn figures_out_of_range_are_refused() {
    for wrong in [
        CanaryPlan { traffic: 1.1, ..plan() },
        CanaryPlan { accuracy: 0.05, ..plan() },
        CanaryPlan { accuracy: 0.95, ..plan() },
        CanaryPlan { accuracy: f64::NAN, ..plan() },
        CanaryPlan { events: EventModel { discordance: 0.0, ..plan().events }, ..plan() },
    ] {
        assert!(canary(&wrong, count(1), 1).is_err(), "{wrong:?}");
    }
}
