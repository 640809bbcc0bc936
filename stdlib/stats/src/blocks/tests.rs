use super::*;
use proptest::prelude::*;

fn length(horizon: u32) -> BlockLength {
    BlockLength::of_horizon(NonZeroU32::new(horizon).unwrap())
}

fn event(bar: u64, candidate_correct: bool, baseline_correct: bool) -> PairedEvent {
    PairedEvent { bar, candidate_correct, baseline_correct }
}

#[test]
fn a_block_is_three_horizons_long() {
    assert_eq!(length(4).bars().get(), 12);
}

#[test]
fn symbols_are_averaged_inside_their_block_and_the_incomplete_block_is_left_out() {
    let events = [
        event(0, true, false),
        event(0, true, true),
        event(2, false, true),
        event(2, true, false),
        event(3, false, true),
        event(6, false, true),
    ];
    let means = block_means(&events, length(1), 8);
    let seen: Vec<_> = means.iter().map(|m| (m.block, m.mean, m.events.get())).collect();
    assert_eq!(seen, [(0, 0.25, 4), (1, -1.0, 1)]);
}

#[test]
fn a_block_counts_from_the_bar_that_completes_it() {
    let events = [event(0, true, false)];
    assert_eq!(block_means(&events, length(1), 2), []);
    assert_eq!(block_means(&events, length(1), 3).len(), 1);
}

#[test]
fn a_block_without_events_is_no_mean_of_zero() {
    let means = block_means(&[event(7, true, false)], length(1), 9);
    assert_eq!(means.iter().map(|m| m.block).collect::<Vec<_>>(), [2]);
}

#[test]
fn discordance_counts_events_on_which_one_model_alone_was_right() {
    let events = [event(0, true, false), event(1, true, true), event(2, false, true)];
    assert_eq!(discordance(&events), Measured::Defined(2.0 / 3.0));
    assert_eq!(discordance(&[]), Measured::Undefined(Reason::NoObservations));
}

proptest! {
    #[test]
    fn the_order_of_events_does_not_matter(
        rows in prop::collection::vec((0_u64..60, any::<bool>(), any::<bool>()), 0..80),
        due in 0_u64..70,
    ) {
        let events: Vec<_> = rows.iter().map(|(bar, a, b)| event(*bar, *a, *b)).collect();
        let mut turned = events.clone();
        turned.reverse();
        turned.rotate_left(events.len() / 3);
        prop_assert_eq!(block_means(&events, length(2), due), block_means(&turned, length(2), due));
    }

    #[test]
    fn swapping_the_models_mirrors_every_mean(
        rows in prop::collection::vec((0_u64..60, any::<bool>(), any::<bool>()), 0..80),
    ) {
        let ahead: Vec<_> = rows.iter().map(|(bar, a, b)| event(*bar, *a, *b)).collect();
        let behind: Vec<_> = rows.iter().map(|(bar, a, b)| event(*bar, *b, *a)).collect();
        let ahead = block_means(&ahead, length(2), 60);
        let behind = block_means(&behind, length(2), 60);
        prop_assert!(ahead.iter().zip(&behind).all(|(a, b)| (a.mean + b.mean).abs() < 1e-15));
    }
}
