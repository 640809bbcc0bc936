use super::*;
use crate::golden::{assert_near, file, g12, number};

fn count(n: usize) -> NonZeroUsize {
    NonZeroUsize::new(n).unwrap()
}

fn mean(values: &[f64]) -> Measured<f64> {
    Measured::ratio(values.iter().sum(), values.len() as f64, Reason::NoObservations)
}

fn resampled(resampling: Resampling, series: &[f64], resamples: u32) -> Resampled {
    let resamples = NonZeroU32::new(resamples).unwrap();
    let bootstrap = Bootstrap { resampling, resamples, seed: 5 };
    bootstrap.measure(series, mean).unwrap().defined().unwrap()
}

/// The standard error of the mean under either resampling has a closed form.
#[test]
fn errors_of_the_mean_are_those_of_the_closed_forms() {
    let mut before = 0.0;
    let next = |noise: f64| {
        before = 0.7 * before + noise;
        before
    };
    let series: Vec<f64> = g12(401, 400).into_iter().map(next).collect();
    let golden = &file("statistics.json")["bootstrap"];
    let twenty = count(20);
    for (name, resampling) in [
        ("stationary", Resampling::Stationary { mean: twenty }),
        ("circular", Resampling::Circular { block: twenty }),
        ("independent", Resampling::Circular { block: count(1) }),
    ] {
        let error = resampled(resampling, &series, 20_000).error();
        // A standard error of 20,000 resamples is known to half a percent.
        assert_near(name, error, number(&golden[name]), 0.02, 0.0);
    }
}

#[test]
fn blocks_are_neighbours_on_a_ring() {
    let rows = count(10);
    let circular = Resampling::Circular { block: count(4) };
    let drawn: Vec<usize> = circular.indices(rows, Stream::new(3)).take(400).collect();
    assert!(drawn.chunks(4).all(|block| block.windows(2).all(|w| w[1] == (w[0] + 1) % 10)));
    let stationary = Resampling::Stationary { mean: count(50) };
    let drawn: Vec<usize> = stationary.indices(rows, Stream::new(3)).take(20_000).collect();
    let breaks = drawn.windows(2).filter(|w| w[1] != (w[0] + 1) % 10).count();
    // One in fifty, less the tenth of new blocks that happen to follow on: 360, ± 19.
    assert!(breaks.abs_diff(360) < 80, "{breaks}");
}

#[test]
fn an_interval_leaves_out_its_share_on_both_sides() {
    let values = Resampled { ascending: (1..=100).map(f64::from).collect(), undefined: 0 };
    let interval = values.interval(Alpha::FIVE_PERCENT);
    assert_eq!(interval, Interval { lower: 6.0, upper: 95.0 });
    let few = Resampled { ascending: vec![1.0, 2.0], undefined: 0 };
    assert_eq!(few.interval(Alpha::FIVE_PERCENT), Interval { lower: 1.0, upper: 2.0 });
}

#[test]
fn a_seed_draws_the_same_and_another_does_not() {
    let series = g12(1, 50);
    let resampling = Resampling::Stationary { mean: count(5) };
    let measure = |seed| {
        let resamples = NonZeroU32::new(20).unwrap();
        Bootstrap { resampling, resamples, seed }.measure(&series, mean).unwrap()
    };
    assert_eq!(measure(1), measure(1));
    assert_ne!(measure(1), measure(2));
}

#[test]
fn what_cannot_be_measured_is_undefined() {
    let resamples = NonZeroU32::new(20).unwrap();
    let resampling = Resampling::Circular { block: count(2) };
    let bootstrap = Bootstrap { resampling, resamples, seed: 1 };
    let nothing = Measured::Undefined(Reason::NoObservations);
    assert_eq!(bootstrap.measure(&[], mean), Ok(nothing));
    let never = |_: &[f64]| Measured::Undefined(Reason::NoVariation);
    let too_few = Measured::Undefined(Reason::TooFew { needed: 2, found: 0 });
    assert_eq!(bootstrap.measure(&[1.0], never), Ok(too_few));
    assert!(bootstrap.measure(&[f64::NAN], mean).is_err());
    let sometimes = |values: &[f64]| {
        if values[0] < 2.0 { mean(values) } else { Measured::Undefined(Reason::NoVariation) }
    };
    let some = bootstrap.measure(&[1.0, 2.0], sometimes).unwrap().defined().unwrap();
    assert!((1..20).contains(&some.undefined()));
}
