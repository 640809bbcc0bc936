//! The canary's decision table, a line a row.

use super::*;
use expect_test::expect_file;
use std::fmt::Write as _;

type Change = Box<dyn Fn(i64, &mut Observation)>;

/// From just before the moment of decision.
fn at_decision(change: impl Fn(&mut Evidence) + 'static) -> Change {
    Box::new(move |minute, seen| {
        if minute >= 52 * 60 {
            change(evidence(seen));
        }
    })
}

/// From the first minute the candidate has traffic.
fn always(change: impl Fn(&mut Evidence) + 'static) -> Change {
    Box::new(move |minute, seen| {
        if minute > 0 {
            change(evidence(seen));
        }
    })
}

fn with_rule(verb: Verb) -> Spec {
    Spec { rules: vec![rule(verb, "error_rate < 1%", None)], ..canary() }
}

fn with_accept(accept: Accept) -> Spec {
    Spec { comparison: Some(Comparison { accept, ..comparison() }), ..canary() }
}

fn units(candidate: u64, baseline: u64) -> Units {
    Units { candidate, baseline, share: share(1_000) }
}

fn better(by: i64) -> Change {
    always(move |seen| {
        for (block, wobble) in seen.blocks.iter_mut().zip([0, 1].into_iter().cycle()) {
            block.difference = by + wobble;
        }
    })
}

type Row = (&'static str, Spec, Change);

/// What ends a canary at once, or keeps it from being decided.
fn early_rows() -> Vec<Row> {
    vec![
        ("2 guardrail", canary(), always(|seen| seen.non_finite = 1)),
        (
            "2 rule",
            with_rule(Verb::Rollback),
            at_decision(|seen| seen.answers = vec![Answer::True]),
        ),
        ("3 harm", canary(), better(-8)),
        (
            "4 sample ratio, at once",
            canary(),
            always(|seen| seen.units = Some(units(1_300, 8_700))),
        ),
        (
            "4 sample ratio, at the decision",
            canary(),
            at_decision(|seen| seen.units = Some(units(135, 865))),
        ),
        (
            "4 sample ratio, within chance",
            canary(),
            at_decision(|seen| seen.units = Some(units(130, 870))),
        ),
        (
            "5 metrics unavailable",
            canary(),
            Box::new(|minute, seen| {
                if minute >= 60 {
                    seen.evidence = None;
                }
            }),
        ),
        (
            "6 labels missing",
            canary(),
            at_decision(|seen| seen.events.matured = seen.events.due * 9 / 10),
        ),
        (
            "6 too few events",
            canary(),
            always(|seen| {
                let few = seen.events.due / 2;
                seen.events = Events { matured: few, due: few };
            }),
        ),
        ("6 too few requests", canary(), always(|seen| seen.total.requests /= 40)),
        ("6 too few blocks", canary(), always(|seen| seen.blocks.truncate(2))),
        (
            "6 no data",
            with_rule(Verb::Require),
            Box::new(|minute, seen| {
                let answer = if minute < 60 * 60 { Answer::NoData } else { Answer::True };
                evidence(seen).answers = vec![answer];
            }),
        ),
    ]
}

/// What decides a canary whose time is over.
fn late_rows() -> Vec<Row> {
    let short = Spec { market_max: hours(48), ..canary() };
    vec![
        (
            "7 no data, no time left",
            Spec { market_max: hours(48), ..with_rule(Verb::Require) },
            always(|_| {}),
        ),
        ("7 labels missing, no time left", short, at_decision(|seen| seen.events.due += 9)),
        ("8 require", with_rule(Verb::Require), always(|seen| seen.answers = vec![Answer::False])),
        ("8 uptime", canary(), always(|seen| seen.probes.answered -= seen.probes.sent / 500)),
        (
            "8 accuracy surely below its floor",
            canary(),
            always(|seen| {
                seen.correct.right = seen.correct.events * 45 / 100;
            }),
        ),
        (
            "8 accuracy perhaps below its floor",
            canary(),
            always(|seen| {
                seen.correct.right = seen.correct.events * 55 / 100;
            }),
        ),
        (
            "8 not applicable",
            with_rule(Verb::Require),
            always(|seen| seen.answers = vec![Answer::NotApplicable]),
        ),
        ("9 no harm", canary(), always(|_| {})),
        ("10 non-inferior", with_accept(Accept::NonInferior { margin: points("10pp") }), better(0)),
        (
            "10 not shown",
            Spec {
                market_max: hours(96),
                ..with_accept(Accept::NonInferior { margin: points("1pp") })
            },
            better(-1),
        ),
        ("11 superior", with_accept(Accept::Superior), better(3)),
        (
            "11 not shown",
            Spec { market_max: hours(96), ..with_accept(Accept::Superior) },
            better(-1),
        ),
    ]
}

#[test]
fn every_row_of_the_decision_table() {
    let mut table = String::new();
    for (row, spec, change) in early_rows().into_iter().chain(late_rows()) {
        let mut rollout = Rollout::new(spec).unwrap();
        let log = live(&mut rollout, change);
        let log: Log = log
            .into_iter()
            .filter(|(_, action)| !matches!(action, Action::Look(look) if !look.harm))
            .collect();
        writeln!(table, "row {row}").unwrap();
        for line in story(&log).lines().skip(1) {
            writeln!(table, "    {line}").unwrap();
        }
    }
    expect_file!["table.txt"].assert_eq(&table);
}
