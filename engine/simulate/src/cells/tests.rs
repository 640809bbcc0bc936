use super::{Cell, cells};
use crate::cells::between::between;
use expect_test::{Expect, expect};
use suho_domain::Value;

fn ratio(text: &str) -> Value {
    Value::Ratio(text.parse().unwrap())
}

fn drawn(low: &Value, high: &Value, limits: &[Value], expected: &Expect) {
    let cell = |cell: &Cell| format!("{}: {}\n", cell.place, cell.value);
    let text: String = cells(low, high, limits).unwrap().iter().map(cell).collect();
    expected.assert_eq(&text);
}

#[test]
fn a_range_is_cut_below_at_and_above_each_limit() {
    let limits = [ratio("20%"), ratio("5%"), ratio("20%"), ratio("80%")];
    let expected = expect![[r#"
        below 5%: 2%
        at 5%: 5%
        between 5% and 20%: 10%
        at 20%: 20%
        above 20%: 40%
    "#]];
    drawn(&ratio("0%"), &ratio("60%"), &limits, &expected);
}

#[test]
fn a_limit_at_an_end_has_one_side() {
    let expected = expect![[r#"
        at 0: 0
        above 0: 2
    "#]];
    drawn(&Value::Int(0), &Value::Int(5), &[Value::Int(0)], &expected);
    let expected = expect![[r#"
        below 5: 2
        at 5: 5
    "#]];
    drawn(&Value::Int(0), &Value::Int(5), &[Value::Int(5)], &expected);
}

#[test]
fn without_a_limit_there_is_one_cell() {
    let (low, high) = (Value::Float(-2.0), Value::Float(4.0));
    drawn(&low, &high, &[], &expect!["anywhere: 1\n"]);
}

#[test]
fn neighbours_have_nothing_between_them() {
    assert_eq!(between(&Value::Int(3), &Value::Int(4)), None);
    let expected = expect![[r#"
        at 3: 3
        at 4: 4
    "#]];
    let limits = [Value::Int(3), Value::Int(4)];
    drawn(&Value::Int(3), &Value::Int(4), &limits, &expected);
}

#[test]
fn a_number_between_is_short() {
    let pairs = [
        (ratio("19.9%"), ratio("20%")),
        (ratio("0%"), ratio("100%")),
        (Value::Float(1.0), Value::Float(4.0)),
        (Value::Int(0), Value::Int(9_999)),
        (Value::Duration("1ms".parse().unwrap()), Value::Duration("250ms".parse().unwrap())),
    ];
    let found = pairs.map(|(low, high)| between(&low, &high).unwrap().to_string());
    assert_eq!(found, ["19.95%", "50%", "2", "4000", "126ms"]);
}

#[test]
fn what_has_no_order_has_no_cells() {
    assert_eq!(cells(&Value::text("a"), &Value::text("b"), &[]), None);
    assert_eq!(cells(&Value::Int(2), &Value::Int(1), &[]), None);
}
