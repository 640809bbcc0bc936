use super::*;
use crate::golden::{assert_near, file, g12, number, numbers};
use proptest::prelude::*;

fn samples() -> (Sample, Sample) {
    let y: Vec<f64> = g12(42, 2_000).into_iter().map(|value| value * 1.1 + 0.1).collect();
    (Sample::new(&g12(41, 3_000)).unwrap(), Sample::new(&y).unwrap())
}

fn ten() -> NonZeroUsize {
    NonZeroUsize::new(10).unwrap()
}

#[test]
fn distances_agree_with_numpy_and_scipy() {
    let (x, y) = samples();
    let golden = file("drift_other.json");
    let bins = Bins::of_quantiles(&x, ten());
    for (ours, theirs) in bins.edges().iter().zip(numbers(&golden["quantile_edges_linear"])) {
        assert_near("edge", *ours, theirs, 0.0, 1e-15);
    }
    let (p, q) = (bins.shares(&x), bins.shares(&y));
    assert_eq!(p, numbers(&golden["psi_p"]));
    assert_eq!(q, numbers(&golden["psi_q"]));
    for (key, ours) in [
        ("psi_10_quantile_bins_of_x", stability_index(&p, &q).unwrap()),
        ("js_divergence_base_e", jensen_shannon(&p, &q).unwrap()),
        ("wasserstein", wasserstein(&x, &y)),
        ("energy", energy_distance(&x, &y)),
    ] {
        assert_near(key, ours, number(&golden[key]), 1e-12, 0.0);
    }
}

#[test]
fn a_feature_of_few_values_has_bins_that_nothing_falls_into() {
    let flags = Sample::new(&[0.0, 0.0, 0.0, 1.0]).unwrap();
    let counts = Bins::of_quantiles(&flags, ten()).counts(&flags);
    assert_eq!((counts.len(), counts.iter().sum::<u64>()), (10, 4));
    let shares = Bins::of_quantiles(&flags, ten()).shares(&flags);
    assert_eq!(stability_index(&shares, &shares), Ok(0.0));
    assert!(stability_index(&shares, &[1.0]).is_err());
}

proptest! {
    #[test]
    fn a_shift_is_its_own_wasserstein_distance(
        values in prop::collection::vec(-100..100_i32, 1..30), shift in -50..50_i32,
    ) {
        let values: Vec<f64> = values.into_iter().map(f64::from).collect();
        let moved: Vec<f64> = values.iter().map(|value| value + f64::from(shift)).collect();
        let (x, y) = (Sample::new(&values).unwrap(), Sample::new(&moved).unwrap());
        prop_assert!((wasserstein(&x, &y) - f64::from(shift.abs())).abs() < 1e-9);
        prop_assert!((wasserstein(&x, &y) - wasserstein(&y, &x)).abs() < 1e-12);
        prop_assert!(energy_distance(&x, &x) <= 0.0);
    }

    #[test]
    fn the_divergence_lies_between_nothing_and_ln_2(
        p in prop::collection::vec(0.0..1.0_f64, 5), q in prop::collection::vec(0.01..1.0_f64, 5),
    ) {
        let share = |row: &[f64]| -> Vec<f64> {
            let sum = row.iter().sum::<f64>() + 1e-9;
            row.iter().map(|value| value / sum).collect()
        };
        let divergence = jensen_shannon(&share(&p), &share(&q)).unwrap();
        prop_assert!((-1e-12..=std::f64::consts::LN_2 + 1e-12).contains(&divergence));
    }
}
