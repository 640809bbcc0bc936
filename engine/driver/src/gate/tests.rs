use super::*;

fn report(verdicts: &[Verdict]) -> Report {
    let criterion = |verdict: &Verdict| Criterion {
        rule: "require x > 1".to_owned(),
        value: "0".to_owned(),
        limit: "1".to_owned(),
        verdict: *verdict,
        note: String::new(),
    };
    Report { criteria: verdicts.iter().map(criterion).collect() }
}

#[test]
fn a_violation_is_final_and_no_data_is_never_a_pass() {
    use Verdict::{Error, Fail, NotApplicable, Pass};
    assert_eq!(report(&[Pass, Pass]).verdict(), Pass);
    assert_eq!(report(&[Pass, NotApplicable]).verdict(), Pass);
    assert_eq!(report(&[Pass, Error]).verdict(), Error);
    assert_eq!(report(&[Fail, Error]).verdict(), Fail);
    assert_eq!(report(&[NotApplicable]).verdict(), Error);
    assert_eq!(report(&[]).verdict(), Error);
}
