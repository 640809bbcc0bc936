use super::*;
use crate::BlockLength;

fn count(n: u32) -> NonZeroU32 {
    NonZeroU32::new(n).unwrap()
}

fn plan() -> ConfidencePlan {
    ConfidencePlan {
        events: EventModel {
            block: BlockLength::of_horizon(count(4)),
            symbols: count(1),
            discordance: 0.2,
            effect: 0.0,
            autocorrelation: 0.05,
            correlation: 0.0,
        },
        alpha: Alpha::FIVE_PERCENT,
        planned: count(100),
        watched: count(500),
    }
}

#[test]
fn bounds_watched_over_five_hundred_looks_miss_less_often_than_they_may() {
    let rates = confidence(&plan(), count(400), 1).unwrap();
    for rate in [rates.below, rates.above] {
        assert!(rate.share <= 0.05 && rate.share > 0.002, "{rates:?}");
    }
    assert!(rates.below_fixed.share > 0.2, "{rates:?}");
}

#[test]
fn a_difference_does_not_change_how_often_it_is_missed() {
    let events = EventModel { effect: -0.1, ..plan().events };
    let rates = confidence(&ConfidencePlan { events, ..plan() }, count(200), 2).unwrap();
    assert!(rates.below.share <= 0.06 && rates.above.share <= 0.06, "{rates:?}");
}

#[test]
fn nothing_is_missed_before_the_thirtieth_block() {
    let rates = confidence(&ConfidencePlan { watched: count(29), ..plan() }, count(50), 1).unwrap();
    assert!(rates.below_fixed.share <= 0.0);
    let events = EventModel { autocorrelation: 1.0, ..plan().events };
    assert!(confidence(&ConfidencePlan { events, ..plan() }, count(1), 1).is_err());
}
