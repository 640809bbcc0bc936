use super::*;
use expect_test::expect;
use std::fmt::Write as _;

/// The value that `text` writes, as plainly as a test needs it.
fn value(text: &str) -> Value {
    let ratio = || text.parse().map(Value::Ratio).ok();
    let points = || text.parse().map(Value::Points).ok();
    let pips = || text.parse().map(Value::Pips).ok();
    let money = || text.parse().map(Value::Money).ok();
    let span = || text.parse().map(Value::Duration).ok();
    let int = || text.parse().map(Value::Int).ok();
    let float = || text.parse().map(Value::Float).ok();
    ratio()
        .or_else(points)
        .or_else(pips)
        .or_else(money)
        .or_else(span)
        .or_else(int)
        .or_else(float)
        .unwrap()
}

#[test]
fn units_decide_what_an_operator_makes() {
    use BinaryOp::{Add, Divide, Multiply, Subtract};
    let cases = [
        ("67%", Subtract, "5pp"),
        ("67%", Subtract, "62%"),
        ("67%", Add, "5pp"),
        ("67%", Multiply, "95%"),
        ("67%", Divide, "2"),
        ("30%", Divide, "60%"),
        ("5pp", Add, "1pp"),
        ("5pp", Add, "1"),
        ("6h", Add, "30m"),
        ("6h", Multiply, "3"),
        ("90m", Divide, "1h"),
        ("40 USD", Add, "2 USD"),
        ("40 USD", Add, "2 EUR"),
        ("0.8pip", Multiply, "2"),
        ("7", Divide, "2"),
        ("7", Divide, "0"),
        ("7", Multiply, "3"),
        ("1.5", Add, "2"),
        ("6h", Add, "5%"),
        ("9223372036854775807", Add, "1"),
    ];
    let mut table = String::new();
    for (left, op, right) in cases {
        let made = arithmetic(op, &value(left), &value(right));
        let made = made.map_or_else(|| "refused".to_owned(), |made| made.to_string());
        writeln!(table, "{left} {op:?} {right} = {made}").unwrap();
    }
    expect![[r#"
        67% Subtract 5pp = 62%
        67% Subtract 62% = 5pp
        67% Add 5pp = 72%
        67% Multiply 95% = 63.65%
        67% Divide 2 = 33.5%
        30% Divide 60% = 50%
        5pp Add 1pp = 6pp
        5pp Add 1 = refused
        6h Add 30m = 6h30m
        6h Multiply 3 = 18h
        90m Divide 1h = 150%
        40 USD Add 2 USD = 42 USD
        40 USD Add 2 EUR = refused
        0.8pip Multiply 2 = 1.6pip
        7 Divide 2 = 3.5
        7 Divide 0 = refused
        7 Multiply 3 = 21
        1.5 Add 2 = 3.5
        6h Add 5% = refused
        9223372036854775807 Add 1 = refused
    "#]]
    .assert_eq(&table);
}

#[test]
fn a_gate_at_its_limit_decides_as_it_reads() {
    let limit = arithmetic(BinaryOp::Subtract, &value("67%"), &value("5pp")).unwrap();
    assert_eq!(compare(&value("62%"), &limit), Some(Ordering::Equal));
    assert_eq!(compare(&value("61.999%"), &limit), Some(Ordering::Less));
    assert_eq!(compare(&value("62%"), &value("5pp")), None);
    assert_eq!(compare(&value("1"), &value("1.5")), Some(Ordering::Less));
}
