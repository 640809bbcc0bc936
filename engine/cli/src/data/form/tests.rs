use super::{csv, short};

#[test]
fn what_is_undefined_is_an_empty_cell_and_numbers_come_back() {
    let text = csv(("time", &[0, 1_500_000]), &[("a,b", &[f64::NAN, 0.1 + 0.2]), ("c", &[0.0])]);
    assert_eq!(
        text,
        "time,\"a,b\",c\n1970-01-01T00:00:00Z,,0\n1970-01-01T00:00:01.500Z,0.30000000000000004,\n"
    );
}

#[test]
fn people_read_six_digits() {
    let shown = [0.0, 1.0, -1.0 / 3.0, 123_456_789.0, 0.000_012_345_678, 1e-9, 99.999_999, 45.6];
    let shown: Vec<_> = shown.map(short).into();
    assert_eq!(
        shown,
        ["0", "1", "-0.333333", "123456789", "0.0000123457", "1.00000e-9", "100", "45.6"]
    );
}
