use super::*;

#[test]
fn versions_order_by_number_not_by_text() {
    let v = |text: &str| text.parse::<Version>().unwrap();
    assert!(v("v1.10.0") > v("v1.9.0"));
    assert_eq!(v("v1.10.0").next(Bump::Minor, &[v("v1.9.0"), v("v1.10.0")]), v("v1.11.0"));
}

#[test]
fn a_number_is_never_used_twice() {
    let v = |text: &str| text.parse::<Version>().unwrap();
    let existing = [v("v1.2.3"), v("v1.2.4"), v("v2.0.0")];
    assert_eq!(v("v1.2.3").next(Bump::Patch, &existing), v("v1.2.5"));
    assert_eq!(v("v1.2.3").next(Bump::Minor, &existing), v("v1.3.0"));
    assert_eq!(v("v1.2.3").next(Bump::Major, &existing), v("v3.0.0"));
    assert_eq!(v("v1.2.3").next(Bump::None, &existing), v("v1.2.3"));
}

#[test]
fn texts_that_are_no_version_are_refused() {
    for text in ["1.2.3", "v1.2", "v1.2.3.4", "v1.-2.3", "v1.2.x", "v1.2.3 ", "v1.+2.3", "v"] {
        assert!(text.parse::<Version>().is_err(), "{text}");
    }
}
