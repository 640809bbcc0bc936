use super::*;
use crate::golden::{assert_near, file, number};

#[test]
fn agrees_with_scipy_from_ten_observations_to_thousands() {
    for case in file("distributions.json")["kstwo_sf"].as_array().unwrap() {
        let (distance, n) = (number(&case[0]), number(&case[1]));
        assert_near(
            &format!("{case}"),
            kolmogorov_above(distance, n),
            number(&case[2]),
            1e-9,
            1e-12,
        );
    }
}

#[test]
fn approaches_the_limiting_distribution() {
    for (z, theirs) in file("distributions.json")["kolmogorov_sf"].as_object().unwrap() {
        let z: f64 = z.parse().unwrap();
        let n = 1e18_f64;
        let ours = kolmogorov_above(z / n.sqrt(), n);
        assert_near(&format!("z {z}"), ours, number(theirs), 2e-6, 1e-12);
    }
}

/// The methods meet where one takes over from the other.
#[test]
fn neighbouring_methods_agree() {
    // The expansion leaves off terms in 1/n².
    for (n, off) in [(141.0_f64, 4e-6), (1_000.0, 1e-6), (20_000.0, 1e-8)] {
        let distance = (MATRIX_MAX / n).powf(2.0 / 3.0);
        let z2 = n * distance * distance;
        let (matrix, expansion) = (matrix_below(distance, n), expansion_below(z2, n));
        assert_near(&format!("expansion at {n}"), expansion, matrix, 0.0, off);
    }
    let distance = (TAIL_SMALL / SMALL).sqrt();
    let (matrix, tail) =
        (1.0 - matrix_below(distance, SMALL), 2.0 * smirnov_above(distance, SMALL));
    assert_near("tail", tail, matrix, 1e-9, 0.0);
}

#[test]
fn every_strideth_term_sums_to_the_same() {
    let n = 40_000.0;
    let every = |distance: f64| {
        let excess = n * distance;
        let last = (n * (1.0 - distance)).floor();
        let mut sum = (n * (-distance).ln_1p()).exp();
        let mut j = 1.0;
        while j <= last {
            let rest = n - j;
            let exponent = stirling_error(n)
                - stirling_error(j)
                - stirling_error(rest)
                - j * log_excess(excess / j)
                - rest * log_excess((-excess / rest).max(-1.0));
            sum +=
                distance / (distance + j / n) * exponent.exp() * (n / (2.0 * PI * j * rest)).sqrt();
            j += 1.0;
        }
        sum
    };
    for z2 in [2.2, 9.0, 60.0] {
        let distance = (z2 / n).sqrt();
        assert_near(&format!("z² {z2}"), smirnov_above(distance, n), every(distance), 1e-11, 0.0);
    }
}

#[test]
fn a_distance_is_never_more_probable_than_a_smaller_one() {
    for n in [1.0, 2.0, 7.0, 140.0, 141.0, 5_000.0, 500_000.0] {
        let at = |step: i32| kolmogorov_above(f64::from(step) / 400.0, n);
        for step in 1..=400 {
            assert!(at(step) <= at(step - 1) + 1e-7, "n {n}, distance {step}/400");
            assert!((0.0..=1.0).contains(&at(step)), "n {n}, distance {step}/400");
        }
    }
}
