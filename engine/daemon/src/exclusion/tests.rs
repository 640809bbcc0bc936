//! Who begins, who waits and who never does, as a table.

use super::*;
use expect_test::expect;
use std::fmt::Write as _;

/// `b running a queue` is a run `b` that has begun, with key `a`; `-` is one that has not.
fn claims(text: &str) -> Vec<Claim> {
    let claim = |line: &str| {
        let words: Vec<_> = line.split_whitespace().collect();
        Claim {
            run: RunId::derive(&[words[0]]),
            has_begun: words[1] == "running",
            key: words[2].to_owned(),
            conflict: match words[3] {
                "queue" => Conflict::Queue,
                "reject" => Conflict::Reject,
                _ => Conflict::Cancel,
            },
        }
    };
    text.lines().map(str::trim).filter(|line| !line.is_empty()).map(claim).collect()
}

fn judged(text: &str) -> String {
    let claims = claims(text);
    let names: BTreeMap<_, _> =
        ["a", "b", "c", "d"].into_iter().map(|name| (RunId::derive(&[name]), name)).collect();
    let verdicts = verdicts(&claims);
    let mut table = String::new();
    for claim in &claims {
        let name = names[&claim.run];
        match verdicts.get(&claim.run) {
            None => writeln!(table, "{name}: goes on"),
            Some(Verdict::Waits(other)) => writeln!(table, "{name}: waits for {}", names[other]),
            Some(Verdict::Refused(other)) => {
                writeln!(table, "{name}: refused for {}", names[other])
            }
            Some(Verdict::Displaces(others)) => {
                let others: Vec<_> = others.iter().map(|other| names[other]).collect();
                writeln!(table, "{name}: displaces {}", others.join(", "))
            }
        }
        .unwrap();
    }
    table
}

#[test]
fn runs_of_a_key_go_one_after_the_other_in_the_order_they_were_asked_for() {
    let table = judged("a running k queue\nb - k queue\nc - other queue\nd - k queue");
    expect![[r"
        a: goes on
        b: waits for a
        c: goes on
        d: waits for a
    "]]
    .assert_eq(&table);
    expect![[r"
        b: goes on
        d: waits for b
    "]]
    .assert_eq(&judged("b - k queue\nd - k queue"));
}

#[test]
fn a_run_that_is_refused_keeps_nobody_else_waiting() {
    let table = judged("a running k queue\nb - k reject\nc - k queue");
    expect![[r"
        a: goes on
        b: refused for a
        c: waits for a
    "]]
    .assert_eq(&table);
    expect![[r"
        b: goes on
        c: refused for b
        d: waits for b
    "]]
    .assert_eq(&judged("b - k reject\nc - k reject\nd - k queue"));
}

#[test]
fn a_later_run_that_ends_the_others_begins_when_they_have_ended() {
    let table = judged("a running k queue\nb - k queue\nc - k cancel");
    expect![[r"
        a: goes on
        b: waits for a
        c: displaces a, b
    "]]
    .assert_eq(&table);
}

#[test]
fn a_run_that_has_begun_out_of_turn_has_its_key_all_the_same() {
    expect![[r"
        b: waits for c
        c: goes on
    "]]
    .assert_eq(&judged("b - k queue\nc running k queue"));
}
