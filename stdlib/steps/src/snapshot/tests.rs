//! Rows as runs, and a snapshot there and back.

use super::*;

#[test]
fn rows_come_back_as_they_were_given() {
    let rows = [(5, 0), (6, 2), (7, 1), (20, 1), (22, 0)];
    let split = SplitRows::new(rows.into_iter());
    assert_eq!(split.runs, [[5, 8], [20, 21], [22, 23]]);
    assert_eq!(split.ends(), [5, 6, 7, 20, 22]);
    assert_eq!(split.labels(), [0, 2, 1, 1, 0]);
    assert_eq!((split.first(), split.last(), split.len()), (Some(5), Some(22), 5));
    assert!(split.is_sound(23));
    assert!(!split.is_sound(22), "the last bar is not there");
}

#[test]
fn no_rows_are_nowhere() {
    let split = SplitRows::new(std::iter::empty());
    assert_eq!((split.first(), split.last(), split.len()), (None, None, 0));
    assert!(split.is_sound(0));
}

#[test]
fn rows_with_a_label_too_few_are_not_sound() {
    let mut split = SplitRows::new([(5, 0), (6, 2)].into_iter());
    split.labels.pop();
    assert!(!split.is_sound(10));
}
