use super::{apply, before};
use crate::ast::Span;
use crate::error::Edit;

fn edit(start: usize, end: usize, text: &str) -> Edit {
    Edit { span: Span { start, end }, text: text.to_owned() }
}

#[test]
fn edits_are_put_in_wherever_they_stand_and_once() {
    let edits = [edit(6, 7, "="), edit(0, 0, "a "), edit(6, 7, "="), edit(7, 7, " ")];
    assert_eq!(apply("seed  :42", &edits).as_deref(), Some("a seed  = 42"));
    assert_eq!(apply("é", &[]).as_deref(), Some("é"));
}

#[test]
fn edits_that_overlap_or_leave_the_text_are_refused() {
    assert_eq!(apply("abcdef", &[edit(0, 3, "x"), edit(2, 4, "y")]), None);
    assert_eq!(apply("abc", &[edit(2, 9, "x")]), None);
    assert_eq!(apply("é", &[edit(1, 2, "x")]), None);
    assert_eq!(apply("abc", &[edit(3, 1, "x")]), None);
}

#[test]
fn places_of_the_new_text_are_found_in_the_old() {
    // `seed: 42 && x` → `seed = 42 and x`
    let edits = [edit(4, 6, " = "), edit(9, 11, "and")];
    let old = "seed: 42 && x";
    let new = apply(old, &edits).unwrap();
    assert_eq!(new, "seed = 42 and x");
    for word in ["seed", "42", "x"] {
        let (was, is) = (old.find(word).unwrap(), new.find(word).unwrap());
        assert_eq!(before(&edits, is), was, "{word}");
        assert_eq!(before(&edits, is + word.len()), was + word.len(), "{word}");
    }
    assert_eq!(before(&edits, new.len()), old.len());
}
