//! Both ways to lie, and the edges.

use super::*;

/// `[feature, bar]` whose numbers say where they are.
fn sample(width: usize, rows: usize) -> Matrix {
    let mut matrix = Matrix::zeros(width, rows);
    for (feature, column) in matrix.columns_mut().enumerate() {
        for (bar, cell) in column.iter_mut().enumerate() {
            *cell = (1_000 * feature + bar) as f64;
        }
    }
    matrix
}

#[test]
fn the_numbers_are_the_same_by_feature_by_bar_and_interleaved() {
    for (width, rows) in [(1, 1), (3, 200), (94, 65), (2, 64), (7, 1)] {
        let matrix = sample(width, rows);
        let interleaved = matrix.interleaved();
        assert_eq!((matrix.width(), matrix.rows(), interleaved.len()), (width, rows, width * rows));
        for bar in 0..rows {
            let expected: Vec<f64> =
                (0..width).map(|feature| (1_000 * feature + bar) as f64).collect();
            assert_eq!(matrix.row(bar).collect::<Vec<f64>>(), expected);
            assert_eq!(interleaved[bar * width..(bar + 1) * width], expected);
            let by_column: Vec<f64> = matrix.columns().map(|column| column[bar]).collect();
            assert_eq!(by_column, expected);
        }
    }
}

#[test]
fn there_is_nothing_beyond_the_last_feature_and_the_last_bar() {
    let matrix = sample(3, 4);
    assert!(matrix.column(3).is_empty() && matrix.column(usize::MAX).is_empty());
    assert_eq!((matrix.row(4).count(), matrix.row(3).count()), (0, 3));
    assert!(matrix.is_whole(3) && !matrix.is_whole(4));
    for (width, rows) in [(0, 0), (0, 5), (5, 0)] {
        let empty = sample(width, rows);
        assert_eq!((empty.columns().len(), empty.interleaved().len()), (width, 0));
        assert!(empty.columns().all(<[f64]>::is_empty));
    }
}

#[test]
fn a_bar_that_lacks_a_feature_is_not_whole() {
    let mut matrix = sample(3, 4);
    matrix.columns_mut().nth(1).unwrap()[2] = f64::NAN;
    assert_eq!([0, 1, 2, 3].map(|bar| matrix.is_whole(bar)), [true, true, false, true]);
}
