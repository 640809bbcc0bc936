//! Requests, routes, failures and probes.

use super::scene::*;
use std::collections::{BTreeMap, BTreeSet};
use suho_domain::{BasisPoints, Duration, Value};
use suho_driver::ports::Prediction;
use suho_driver::world::{Evidence as _, Minute, RolloutFacts, Traffic as _};
use suho_rollout::{Latency, Window, bucket};

fn rows(seen: &[Minute]) -> Vec<&Prediction> {
    seen.iter().flat_map(|minute| &minute.predictions).collect()
}

fn arms(seen: &[Minute]) -> BTreeMap<&str, usize> {
    let mut arms = BTreeMap::new();
    for row in rows(seen) {
        *arms.entry(row.arm.as_str()).or_default() += 1;
    }
    arms
}

#[test]
fn a_tenth_of_the_traffic_goes_to_a_tenth_of_the_users() {
    let bars = bars(BEFORE + 30);
    let seen = play(&bars, honest(), &facts("canary"), 1_000, 60 * 24);
    let arms = arms(&seen);
    let share = arms["canary"] as f64 / (arms["canary"] + arms["baseline"]) as f64;
    assert!((0.08..0.12).contains(&share), "{share}");
    let last = evidence(seen.last().unwrap());
    let units = last.units.unwrap();
    assert_eq!(units.candidate + units.baseline, 1_000, "everybody asked in a day");
    assert!((80..=120).contains(&units.candidate), "{units:?}");
    assert_eq!(last.total.requests, arms["canary"] as u64, "counts are the candidate's");
    assert!(seen.iter().all(|m| evidence(m).units.is_some() == m.is_bar_close));
}

#[test]
fn a_users_bucket_decides_who_answers() {
    let bars = bars(BEFORE + 5);
    let facts = facts("canary");
    for row in rows(&play(&bars, honest(), &facts, 2_500, 120)) {
        assert_eq!(row.bucket, bucket(facts.deployment.as_str(), &row.unit));
        assert_eq!(row.arm, if row.bucket < 2_500 { "canary" } else { "baseline" });
        assert!(row.served);
        let model =
            if row.arm == "canary" { &facts.candidate } else { facts.baseline.as_ref().unwrap() };
        assert_eq!(row.model, model.id);
    }
}

#[test]
fn users_stay_with_the_candidate_while_its_share_grows() {
    let bars = bars(BEFORE + 30);
    let facts = facts("ramp");
    let mut replay = replay(&bars, honest());
    replay.begin(&facts, None).unwrap();
    let mut before = BTreeSet::new();
    for (generation, share) in [(1, 1_000), (2, 2_500), (3, 5_000), (4, 10_000)] {
        replay.route(&route(&facts, generation, share)).unwrap();
        let seen = look_for(&mut replay, 60 * 6);
        let units = |arm: &str| -> BTreeSet<String> {
            let own = rows(&seen).into_iter().filter(|row| row.arm == arm);
            own.map(|row| row.unit.clone()).collect()
        };
        assert!(before.is_disjoint(&units("baseline")), "at {share}");
        before = units("canary");
        let counted = evidence(seen.last().unwrap()).units.unwrap();
        assert_eq!(counted.candidate, before.len() as u64, "of this table alone");
        assert_eq!(counted.baseline, units("baseline").len() as u64);
        assert_eq!(counted.share.points(), share);
    }
}

#[test]
fn an_older_route_is_ignored() {
    let bars = bars(BEFORE + 5);
    let facts = facts("canary");
    let mut replay = replay(&bars, honest());
    replay.begin(&facts, None).unwrap();
    replay.route(&route(&facts, 5, 1_000)).unwrap();
    replay.route(&route(&facts, 5, 9_000)).unwrap();
    replay.route(&route(&facts, 4, 9_000)).unwrap();
    assert_eq!(look(&mut replay).observation.share.points(), 1_000);
}

#[test]
fn a_route_gives_nothing_to_a_shadow_or_to_another_candidate() {
    let bars = bars(BEFORE + 5);
    let shadow = &play(&bars, honest(), &facts("shadow"), 5_000, 60)[59];
    assert_eq!(shadow.observation.share, BasisPoints::NONE);
    let canary = facts("canary");
    let mut replay = replay(&bars, honest());
    replay.begin(&canary, None).unwrap();
    let mut stranger = route(&canary, 1, 5_000);
    stranger.candidate = Some((row("stranger").id, BasisPoints::ALL));
    replay.route(&stranger).unwrap();
    let seen = look_for(&mut replay, 10);
    assert_eq!(seen[9].observation.share, BasisPoints::NONE);
    assert_eq!(arms(&seen).into_keys().collect::<Vec<_>>(), ["baseline"]);
}

#[test]
fn another_run_draws_other_requests() {
    let bars = bars(BEFORE + 5);
    let of_run = |seed: &str| {
        let facts = RolloutFacts { seed: seed.to_owned(), ..facts("shadow") };
        play(&bars, honest(), &facts, 0, 5)
    };
    assert_eq!(of_run("rehearsal/eurusd/1"), play(&bars, honest(), &facts("shadow"), 0, 5));
    assert_ne!(of_run("rehearsal/eurusd/2"), of_run("rehearsal/eurusd/1"));
}

#[test]
fn a_shadow_mirrors_every_request_and_answers_none() {
    let bars = bars(BEFORE + 5);
    let seen = play(&bars, honest(), &facts("shadow"), 0, 120);
    let arms = arms(&seen);
    assert_eq!(arms["shadow"], arms["baseline"]);
    assert!(rows(&seen).iter().all(|row| row.served == (row.arm == "baseline")));
    let last = evidence(seen.last().unwrap());
    assert_eq!(last.total.requests, arms["shadow"] as u64);
    assert_eq!(last.total.dropped, 0);
    assert_eq!(last.units, None);
}

#[test]
fn a_first_models_shadow_sees_requests_that_nobody_answers() {
    let bars = bars(BEFORE + 8);
    let shadow = play(&bars, honest(), &first_model("shadow"), 0, 360);
    assert_eq!(arms(&shadow).into_keys().collect::<Vec<_>>(), ["shadow"]);
    let canary = play(&bars, honest(), &first_model("canary"), 1_000, 360);
    assert_eq!(arms(&canary).into_keys().collect::<Vec<_>>(), ["canary"]);
    let last = canary.last().unwrap();
    assert_eq!(last.metrics["agreement"], Value::None);
    assert_eq!(evidence(last).units, None, "there are no two arms to compare");
    assert!(evidence(last).blocks.is_empty());
    assert!(evidence(last).events.matured > 0);
}

#[test]
fn an_answer_is_inferred_once_a_bar_and_then_given_again() {
    let bars = bars(BEFORE + 8);
    let seen = play(&bars, honest(), &facts("canary"), 5_000, 300);
    let mut inferred = BTreeSet::new();
    for row in rows(&seen) {
        let first = inferred.insert((row.arm.clone(), row.event_time));
        assert_eq!(row.cache_hit, !first);
        assert_eq!(row.latency_ms.to_bits(), if first { 3.0_f64 } else { 0.0 }.to_bits());
    }
    let last = seen.last().unwrap();
    let three = Duration::from_millis(3);
    // Five hours, and the fifth bar has closed with the last minute.
    assert_eq!(evidence(last).total.latency, Some(Latency { p95: three, requests: 5 }));
    for quantile in ["p50", "p90", "p95", "p99", "max"] {
        assert_eq!(last.metrics[&format!("latency.{quantile}")], Value::Duration(three));
    }
}

#[test]
fn the_window_is_five_minutes_long() {
    let bars = bars(BEFORE + 5);
    let seen = play(&bars, honest(), &facts("shadow"), 0, 90);
    let own = |minute: &Minute| {
        minute.predictions.iter().filter(|row| row.arm == "shadow").count() as u64
    };
    for (n, minute) in seen.iter().enumerate() {
        let last_five = &seen[n.saturating_sub(4)..=n];
        assert_eq!(evidence(minute).window.requests, last_five.iter().map(own).sum::<u64>());
    }
    assert_eq!(evidence(&seen[2]).window.latency.unwrap().requests, 1);
    assert_eq!(evidence(&seen[30]).window.latency, None);
}

#[test]
fn a_model_that_fails_counts_errors_and_its_probes_go_unanswered() {
    let bars = bars(BEFORE + 8);
    let cast = |candidate| Cast { candidate, ..honest() };
    let from = bars.time[BEFORE + 1];
    let seen = play(&bars, cast(Script::FailsFrom(from)), &facts("canary"), 5_000, 300);
    // Bar BEFORE + 1 closes at the end of the 120th minute.
    let (well, ill) = (&seen[119], &seen[299]);
    assert_eq!(evidence(well).total.errors, 0);
    assert_eq!(evidence(well).probes.failed_in_a_row, 0);
    assert_eq!(well.metrics["uptime"].as_f64(), Some(1.0));
    let failed = evidence(ill);
    let of_ill = rows(&seen[120..]).iter().filter(|row| row.arm == "canary").count() as u64;
    assert_eq!(failed.total.errors, of_ill);
    assert_eq!(
        failed.window,
        Window { latency: None, errors: failed.window.requests, ..failed.window }
    );
    assert_eq!(failed.probes.failed_in_a_row, 180 * 6);
    assert_eq!((failed.probes.answered, failed.probes.sent), (120 * 6, 300 * 6));
    assert_eq!(failed.non_finite, 0);
    assert_eq!(failed.total.latency.unwrap().requests, 2, "no answer has no latency");
    assert_eq!(ill.metrics["uptime"].as_f64(), Some(0.4));
    let row = ill.predictions.iter().find(|row| row.arm == "canary").unwrap();
    assert_eq!((row.error.as_deref(), row.served, row.class), (Some("no weights"), false, 0));
    let baseline = ill.predictions.iter().find(|row| row.arm == "baseline").unwrap();
    assert_eq!(baseline.error, None);
    // A late outage drowns in the total; the last minutes tell of it.
    assert!(ill.metrics["error_rate"].as_f64() < Some(0.7));
    assert_eq!(ill.recent["error_rate"].as_f64(), Some(1.0));
    assert_eq!(well.recent["error_rate"].as_f64(), Some(0.0));
    // Bars without an answer are no events: those of minutes 0 and 60 are, and have matured.
    assert_eq!((failed.events.matured, failed.events.due), (2, 2));
}

#[test]
fn a_small_share_is_judged_by_its_last_fifty_requests() {
    let bars = bars(BEFORE + 8);
    let from = bars.time[BEFORE + 1];
    let cast = Cast { candidate: Script::FailsFrom(from), ..honest() };
    // A tenth of twelve requests a minute: about six in five minutes.
    let seen = play(&bars, cast, &facts("canary"), 1_000, 200);
    let rate = |n: usize| seen[n].recent["error_rate"].as_f64();
    let asked = |n: usize| rows(&seen[..=n]).iter().filter(|row| row.arm == "canary").count();
    let enough = (0..200).find(|n| asked(*n) >= 50).unwrap();
    assert_eq!((rate(enough - 1), rate(enough)), (None, Some(0.0)));
    assert!(matches!(seen[enough - 1].recent["error_rate"], Value::Undefined(_)));
    let failed = rows(&seen[120..150]).iter().filter(|row| row.arm == "canary").count();
    assert_eq!(rate(149), Some(failed as f64 / 50.0));
    assert!(matches!(seen[149].recent["latency.p95"], Value::Undefined(_)), "three inferences");
}

#[test]
fn an_answer_that_is_not_finite_is_counted_once_a_bar_and_kept_out_of_the_rows() {
    let bars = bars(BEFORE + 8);
    let from = bars.time[BEFORE + 1];
    let cast = Cast { candidate: Script::NanFrom(from), ..honest() };
    let seen = play(&bars, cast, &facts("canary"), 5_000, 200);
    let counted: Vec<_> = [118, 119, 178, 179].map(|n| evidence(&seen[n]).non_finite).to_vec();
    assert_eq!(counted, [0, 1, 1, 2]);
    assert!(rows(&seen).iter().all(|row| row.probabilities.iter().all(|p| p.is_finite())));
    assert!(evidence(&seen[199]).total.errors > 0);

    let from_the_start = Script::NanFrom(bars.time[BEFORE - 1]);
    let cast = Cast { candidate: from_the_start, ..honest() };
    let first = &play(&bars, cast, &facts("canary"), 0, 1)[0];
    assert_eq!(evidence(first).non_finite, 1, "the bar it begins with counts");
}

#[test]
fn metrics_have_no_answer_before_there_is_one() {
    let bars = bars(BEFORE + 5);
    let seen = play(&bars, honest(), &facts("canary"), 0, 1);
    let undefined: Vec<_> = seen[0]
        .metrics
        .iter()
        .filter(|(_, value)| matches!(value, Value::Undefined(_)))
        .map(|(name, _)| name.as_str())
        .collect();
    let all = [
        "accuracy",
        "error_rate",
        "latency.max",
        "latency.p50",
        "latency.p90",
        "latency.p95",
        "latency.p99",
    ];
    assert_eq!(undefined, all);
    assert_eq!(seen[0].metrics["requests"], Value::Int(0));
}
