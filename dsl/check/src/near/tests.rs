use super::{listed, nearest};

#[test]
fn the_nearest_name_is_at_most_a_third_of_its_letters_away() {
    let cases = [
        ("candidat", Some("candidate")),
        ("cnadidate", Some("candidate")),
        ("batchsize", Some("batch_size")),
        ("dta", Some("data")),
        ("xyz", None),
        ("data", None),
    ];
    for (name, expected) in cases {
        let near = nearest(name, ["candidate", "batch_size", "data"]);
        assert_eq!(near, expected, "`{name}`");
    }
}

#[test]
fn of_equally_near_names_the_first_one_is_meant() {
    assert_eq!(nearest("bat", ["bag", "cat"]), Some("bag"));
}

#[test]
fn names_are_listed_as_a_sentence_has_them() {
    assert_eq!(listed([]), "");
    assert_eq!(listed(["a"]), "`a`");
    assert_eq!(listed(["a", "b", "c"]), "`a`, `b` and `c`");
}
