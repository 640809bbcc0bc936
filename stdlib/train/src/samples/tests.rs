use super::*;

fn table() -> Vec<f32> {
    // Bar 0 is (0, 0.5), bar 1 is (1, 1.5), and so on.
    (0..6_u8).flat_map(|bar| [f32::from(bar), f32::from(bar) + 0.5]).collect()
}

#[test]
fn windows_are_gathered_time_first() {
    let samples = Samples::new(2, 3, table(), vec![2, 5], vec![0, 1]).unwrap();
    assert_eq!(
        samples.gather(&[2, 5]),
        [0.0, 0.5, 3.0, 3.5, 1.0, 1.5, 4.0, 4.5, 2.0, 2.5, 5.0, 5.5]
    );
}

#[test]
fn windows_stay_inside_the_table() {
    let with = |end: usize| Samples::new(2, 3, table(), vec![end], vec![0]).map(|_| ());
    let outside = |end| Err(SamplesError::Window { end, sequence: 3, bars: 6 });
    assert_eq!(with(1), outside(1));
    assert_eq!(with(2), Ok(()));
    assert_eq!(with(5), Ok(()));
    assert_eq!(with(6), outside(6));
    assert_eq!(with(usize::MAX), outside(usize::MAX));
}

#[test]
fn counts_fit_together() {
    let labels = Samples::new(2, 3, table(), vec![2, 3], vec![0]);
    assert_eq!(labels, Err(SamplesError::Labels { windows: 2, labels: 1 }));
    let table = Samples::new(5, 3, table(), vec![], vec![]);
    assert_eq!(table, Err(SamplesError::Table { values: 12, features: 5, sequence: 3 }));
}
