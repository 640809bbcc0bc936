//! A run that has ended, as a trace: OTLP over HTTP, in JSON.
//!
//! A trace is made from the run's log and not while the run goes on: so it is whole whichever daemons
//! carried the run, and none is half told. Its ids follow from the run's: told twice it is the same.

mod sender;

use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use suho_domain::{Digest, Instant, Name};
use suho_driver::ports::{LoggedEvent, RunRow};
use suho_scheduler::Event;

pub(crate) use sender::Sender;

/// OTLP's words for how a span ended, and for one that is nobody's request.
const STATUS_OK: u8 = 1;
const STATUS_ERROR: u8 = 2;
const KIND_INTERNAL: u8 = 1;
/// Digits of the ids, in hexadecimal.
const TRACE_DIGITS: usize = 32;
const SPAN_DIGITS: usize = 16;

/// Something that took time.
#[derive(Debug)]
struct Span {
    /// What it is called by its id: the run's, or the step's and the attempt's.
    key: String,
    name: String,
    since: Instant,
    until: Instant,
    attributes: Vec<(&'static str, String)>,
    /// Why it came to nothing.
    failure: Option<String>,
}

/// The request that tells a collector of `run`, whose whole log is `log`.
pub(crate) fn of_run(run: &RunRow, log: &[LoggedEvent]) -> Json {
    let root = root(run, log);
    let parent = span_id(run, &root.key);
    let mut spans = vec![json_of(run, &root, None)];
    spans.extend(steps(log, root.until).iter().map(|span| json_of(run, span, Some(&parent))));
    let version = env!("CARGO_PKG_VERSION");
    json!({ "resourceSpans": [{
        "resource": { "attributes": attributes(&[
            ("service.name", "suho".to_owned()),
            ("service.version", version.to_owned()),
            ("deployment.environment.name", run.environment.clone()),
        ])},
        "scopeSpans": [{ "scope": { "name": "suho", "version": version }, "spans": spans }],
    }]})
}

/// The run itself.
fn root(run: &RunRow, log: &[LoggedEvent]) -> Span {
    let last = log.last().map_or(run.created_at, |logged| logged.recorded_at);
    let is_well = run.status == suho_domain::RunStatus::Succeeded;
    Span {
        key: "run".to_owned(),
        name: format!("{} #{}", run.pipeline, run.number),
        since: run.created_at,
        until: run.ended_at.unwrap_or(last),
        attributes: vec![
            ("suho.run", run.id.to_string()),
            ("suho.pipeline", run.pipeline.to_string()),
            ("suho.plan", run.plan_digest.to_string()),
            ("suho.status", run.status.word().to_owned()),
        ],
        failure: (!is_well).then(|| format!("the run is {}", run.status)),
    }
}

/// Its attempts and rollouts, and what the engine did itself, in the order in which they ended.
fn steps(log: &[LoggedEvent], end: Instant) -> Vec<Span> {
    let (mut begun, mut spans) = (BTreeMap::<(&Name, u32), Instant>::new(), Vec::new());
    for LoggedEvent { event, recorded_at: at, .. } in log {
        let Some(step) = event.step() else { continue };
        let (attempt, failure) = match event {
            Event::AttemptStarted { attempt, .. } | Event::RolloutStarted { attempt, .. } => {
                begun.insert((step, *attempt), *at);
                continue;
            }
            Event::AttemptSucceeded { attempt, .. } => (*attempt, None),
            Event::AttemptFailed { attempt, class, message, .. } => {
                (*attempt, Some(format!("{}: {message}", class.word())))
            }
            Event::AttemptLost { attempt, .. } => (*attempt, Some("lost".to_owned())),
            Event::RolloutEnded { attempt, verdict, .. } => {
                (*attempt, verdict.reason().map(str::to_owned))
            }
            Event::StepDecided { .. } | Event::StepCached { .. } => (0, None),
            Event::StepRejected { reason, .. } => (0, Some(reason.clone())),
            Event::StepFailed { message, .. } => (0, Some(message.clone())),
            _ => continue,
        };
        let since = begun.remove(&(step, attempt)).unwrap_or(*at);
        spans.push(span(step, attempt, (since, *at), event.word(), failure));
    }
    let left = begun.into_iter().map(|((step, attempt), since)| {
        span(step, attempt, (since, end), "unfinished", Some("it was not waited for".to_owned()))
    });
    spans.extend(left);
    spans
}

fn span(
    step: &Name,
    attempt: u32,
    (since, until): (Instant, Instant),
    event: &str,
    failure: Option<String>,
) -> Span {
    Span {
        key: format!("{step}/{attempt}"),
        name: step.to_string(),
        since,
        until,
        attributes: vec![
            ("suho.step", step.to_string()),
            ("suho.attempt", attempt.to_string()),
            ("suho.event", event.to_owned()),
        ],
        failure,
    }
}

fn json_of(run: &RunRow, span: &Span, parent: Option<&str>) -> Json {
    let status = match &span.failure {
        None => json!({ "code": STATUS_OK }),
        Some(message) => json!({ "code": STATUS_ERROR, "message": message }),
    };
    let mut json = json!({
        "traceId": id(&[run.id.as_str()], TRACE_DIGITS),
        "spanId": span_id(run, &span.key),
        "name": span.name,
        "kind": KIND_INTERNAL,
        "startTimeUnixNano": nanos(span.since),
        "endTimeUnixNano": nanos(span.until),
        "attributes": attributes(&span.attributes),
        "status": status,
    });
    if let (Some(parent), Some(fields)) = (parent, json.as_object_mut()) {
        fields.insert("parentSpanId".to_owned(), json!(parent));
    }
    json
}

fn attributes(pairs: &[(&str, String)]) -> Json {
    pairs
        .iter()
        .map(|(key, value)| json!({ "key": key, "value": { "stringValue": value } }))
        .collect()
}

/// As OTLP's JSON has 64 bits: a text.
fn nanos(at: Instant) -> String {
    (i128::from(at.micros()) * 1_000).to_string()
}

fn span_id(run: &RunRow, key: &str) -> String {
    id(&[run.id.as_str(), key], SPAN_DIGITS)
}

/// So many digits that stand for `parts`.
fn id(parts: &[&str], digits: usize) -> String {
    Digest::of_json(&json!(parts)).hex().chars().take(digits).collect()
}

#[cfg(test)]
mod tests;
