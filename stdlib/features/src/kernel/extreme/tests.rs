//! Both ways against the plain one.

use super::*;
use crate::testing::{bits, uniform};

/// Every extreme of `length` of `values`, by looking at them all.
fn plainly(values: &[f64], length: usize) -> (Vec<f64>, Vec<f64>) {
    let windows = values.windows(length);
    let extreme = |of: fn(f64, f64) -> f64| {
        windows.clone().map(|window| window.iter().copied().reduce(of).unwrap() + 0.0).collect()
    };
    (extreme(f64::max), extreme(f64::min))
}

#[test]
fn extremes_one_by_one_and_by_the_block_are_those_of_each_window() {
    let mut values = uniform(81, 700);
    values.iter_mut().skip(200).take(60).for_each(|value| *value = (*value * 4.0).floor() - 2.0);
    values.iter_mut().skip(300).step_by(3).take(40).for_each(|value| *value = -0.0);
    for length in [1, 2, 3, 4, 5, 7, 8, 14, 25, 64, 100, 333] {
        let (highs, lows) = plainly(&values, length);
        let (mut high, mut low) = (Extreme::<true>::new(length), Extreme::<false>::new(length));
        let one_by_one = |push: &mut dyn FnMut(f64) -> Option<f64>| {
            values.iter().filter_map(|value| push(*value)).collect::<Vec<f64>>()
        };
        assert_eq!(bits(&one_by_one(&mut |value| high.push(value))), bits(&highs), "{length}");
        assert_eq!(bits(&one_by_one(&mut |value| low.push(value))), bits(&lows), "{length}");
        for block in [1, 13, 64, 700] {
            let (mut high, mut low) =
                (Extremes::<true>::new(length), Extremes::<false>::new(length));
            let high = values.chunks(block).flat_map(|block| high.of(block).to_vec());
            let low = values.chunks(block).flat_map(|block| low.of(block).to_vec());
            let whole = |found: Vec<f64>| bits(&found[length - 1..]);
            assert_eq!(whole(high.collect()), bits(&highs), "{length} in blocks of {block}");
            assert_eq!(whole(low.collect()), bits(&lows), "{length} in blocks of {block}");
        }
    }
}
