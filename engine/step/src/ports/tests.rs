//! What reads as what, and how a port that does not read says so.

use super::*;
use crate::StepError;
use expect_test::expect;
use std::fmt::Write as _;
use suho_domain::{Duration, FailureClass, fault};

fn inputs() -> Inputs {
    Inputs::new(Record::from([
        ("units".to_owned(), Value::Int(128)),
        ("limit".to_owned(), Value::Duration(Duration::from_minutes(90))),
        ("note".to_owned(), Value::None),
        ("sharpe".to_owned(), Value::Undefined("no trades".to_owned())),
        ("model".to_owned(), Value::record([("id", Value::text("m-1"))])),
    ]))
}

#[derive(Debug, PartialEq, serde::Deserialize)]
struct Model {
    id: String,
}

#[test]
fn ports_read_as_the_types_a_step_asks_for() {
    let inputs = inputs();
    assert_eq!(inputs.read::<u32>("units").unwrap(), 128);
    assert_eq!(inputs.read::<Duration>("limit").unwrap(), Duration::from_minutes(90));
    assert_eq!(inputs.read::<Model>("model").unwrap(), Model { id: "m-1".to_owned() });
    assert_eq!(inputs.read::<Option<String>>("note").unwrap(), None);
    assert_eq!(inputs.read::<Option<String>>("never_given").unwrap(), None);
}

#[test]
fn ports_that_do_not_read_are_named() {
    let inputs = inputs();
    let mut table = String::new();
    for error in [
        inputs.read::<u32>("never_given").unwrap_err(),
        inputs.read::<u32>("limit").unwrap_err(),
        inputs.read::<f64>("sharpe").unwrap_err(),
        inputs.value("never_given").unwrap_err(),
    ] {
        let text = fault::chain(&error);
        let error = StepError::from(error);
        assert_eq!(error.message, text);
        writeln!(table, "{} {}: {text}", error.class, error.code).unwrap();
    }
    expect![[r#"
        bug missing-input: input `never_given` is missing
        bug mistyped-input: input `limit` cannot be `1h30m`: invalid type: string "1h30m", expected u32
        user undefined-input: input `sharpe` is undefined: no trades
        bug missing-input: input `never_given` is missing
    "#]]
    .assert_eq(&table);
}

#[test]
fn a_step_error_says_its_cause_after_a_colon() {
    let cause = NotThere;
    let error = StepError::infrastructure("no-bars", "cannot read bars").because(&cause);
    assert_eq!(error.to_string(), "cannot read bars: no such folder");
    assert_eq!(error.class, FailureClass::Infrastructure);
}

#[derive(Debug, thiserror::Error)]
#[error("no such folder")]
struct NotThere;
