use super::attention::look;
use super::*;

#[test]
fn a_convolution_sees_itself_and_bars_before_and_nothing_after() {
    // Two windows side by side: of 1, 2, 3, 4 and of 10, 20, 30, 40; kernel 2, dilation 2.
    let rows = [1.0, 10.0, 2.0, 20.0, 3.0, 30.0, 4.0, 40.0];
    let shape = Conv { inputs: 1, filters: 1, dilation: 2 };
    let sums = convolve(shape, 2, [&[100.0, 1.0], &[0.5]], &rows, 2);
    assert_eq!(sums, [1.5, 10.5, 2.5, 20.5, 103.5, 1030.5, 204.5, 2040.5]);
}

#[test]
fn a_kernel_longer_than_the_window_sees_the_window() {
    let shape = Conv { inputs: 1, filters: 1, dilation: 9 };
    assert_eq!(convolve(shape, 3, [&[5.0, 5.0, 1.0], &[0.0]], &[1.0, 2.0], 1), [1.0, 2.0]);
}

#[test]
fn a_normalised_row_has_mean_zero_and_deviation_one() {
    let mut rows = vec![1.0, 2.0, 3.0, 4.0, -7.0, -7.0, -7.0, -7.0];
    normalise(&mut rows, 4, [&[1.0; 4], &[0.0; 4]]);
    let expected = 1.5 / (1.25_f32 + 1e-5).sqrt();
    assert!((rows[3] - expected).abs() < 1e-6, "{rows:?}");
    assert_eq!(rows[4..], [0.0; 4]);
}

#[test]
fn places_are_sines_and_cosines() {
    let places = positions(3, 4);
    let exact = [2.0_f32.sin(), 2.0_f32.cos(), 0.02_f32.sin(), 0.02_f32.cos()];
    assert_eq!(places[..4], [0.0, 1.0, 0.0, 1.0]);
    for (ours, exact) in places[8..].iter().zip(exact) {
        assert!((ours - exact).abs() < 1e-6);
    }
}

#[test]
fn a_head_that_cannot_tell_bars_apart_takes_their_mean() {
    let answer = look((2, 1), &[0.0, 0.0], &[3.0, -5.0], &[10.0, 20.0]);
    assert_eq!(answer, [15.0, 15.0]);
}
