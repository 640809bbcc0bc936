//! Every page: its path, who answers it, and what it takes. The router and the API's description are
//! both made of this list, so that neither says what the other does not.

use super::{backfills, health, logs, openapi, people, rollouts, runs, schedules};
use crate::desk::Desk;
use axum::routing::{MethodRouter, get, post};
use std::sync::Arc;

/// A method of a path.
pub(super) struct Page {
    /// `get` or `post`.
    pub(super) method: &'static str,
    /// Its variables stand in braces.
    pub(super) path: &'static str,
    /// What it does, in a sentence.
    pub(super) summary: &'static str,
    /// What it takes: in the query of a `get`, in the body of a `post`.
    pub(super) takes: &'static [Field],
    /// Who answers.
    pub(super) route: MethodRouter<Arc<Desk>>,
}

/// Something that a page takes.
pub(super) struct Field {
    /// Its name.
    pub(super) name: &'static str,
    /// What JSON Schema calls its type.
    pub(super) kind: &'static str,
    /// Whether it must be there.
    pub(super) is_required: bool,
}

const fn must(name: &'static str, kind: &'static str) -> Field {
    Field { name, kind, is_required: true }
}

const fn may(name: &'static str, kind: &'static str) -> Field {
    Field { name, kind, is_required: false }
}

const SAID: &[Field] = &[must("by", "string"), must("why", "string"), may("step", "string")];
const WHY: &[Field] = &[may("why", "string"), may("by", "string")];
const SHOWN: &[Field] = &[may("n", "integer")];

/// All of them.
pub(super) fn pages() -> Vec<Page> {
    [of_runs(), of_people(), of_models(), of_schedules(), of_daemon()]
        .into_iter()
        .flatten()
        .collect()
}

fn asked(
    path: &'static str,
    summary: &'static str,
    takes: &'static [Field],
    route: MethodRouter<Arc<Desk>>,
) -> Page {
    Page { method: "get", path, summary, takes, route }
}

fn told(
    path: &'static str,
    summary: &'static str,
    takes: &'static [Field],
    route: MethodRouter<Arc<Desk>>,
) -> Page {
    Page { method: "post", path, summary, takes, route }
}

fn of_runs() -> Vec<Page> {
    const LISTED: &[Field] = &[
        may("pipeline", "string"),
        may("status", "string"),
        may("limit", "integer"),
        may("after", "string"),
    ];
    const SUBMITTED: &[Field] =
        &[must("pipeline", "string"), may("params", "object"), may("by", "string")];
    const LOGS: &[Field] = &[may("step", "string"), may("follow", "boolean")];
    const AGAIN: &[Field] = &[may("from", "string")];
    const FILLED: &[Field] = &[
        must("pipeline", "string"),
        may("schedule", "string"),
        must("from", "string"),
        must("to", "string"),
        may("parallel", "integer"),
        may("by", "string"),
        may("dry_run", "boolean"),
    ];
    vec![
        asked("/v1/runs", "Lists runs, newest first, a page at a time.", LISTED, get(runs::list)),
        told("/v1/runs", "Creates a run.", SUBMITTED, post(runs::submit)),
        asked("/v1/runs/{run}", "Shows a run, step by step.", &[], get(runs::show)),
        told("/v1/runs/{run}/cancel", "Asks a run to end.", WHY, post(runs::cancel)),
        told(
            "/v1/runs/{run}/retry",
            "Takes a run up again: what did not succeed, or all that follows `from`.",
            AGAIN,
            post(runs::retry),
        ),
        asked(
            "/v1/runs/{run}/logs",
            "Lines that attempts wrote, as server-sent events.",
            LOGS,
            get(logs::logs),
        ),
        told(
            "/v1/backfills",
            "Begins a run for each slot of a schedule that is over and has none.",
            FILLED,
            post(backfills::begin),
        ),
    ]
}

fn of_people() -> Vec<Page> {
    vec![
        told(
            "/v1/runs/{run}/pause",
            "Begins nothing more of a run.",
            SAID,
            post(|desk, run, body| people::hold("pause", desk, run, body)),
        ),
        told(
            "/v1/runs/{run}/resume",
            "Goes on with a run.",
            SAID,
            post(|desk, run, body| people::hold("resume", desk, run, body)),
        ),
        told(
            "/v1/runs/{run}/approve",
            "Says yes to what a run asks.",
            SAID,
            post(|desk, run, body| people::answer("approve", desk, run, body)),
        ),
        told(
            "/v1/runs/{run}/reject",
            "Says no to what a run asks.",
            SAID,
            post(|desk, run, body| people::answer("reject", desk, run, body)),
        ),
        asked(
            "/v1/approvals",
            "Lists what runs ask of people, and who may answer until when.",
            &[],
            get(people::approvals),
        ),
        asked(
            "/v1/freeze",
            "Whether the line is stopped, by whom and why.",
            &[],
            get(people::line),
        ),
        told(
            "/v1/freeze",
            "Stops the line: no traffic up, no promotion.",
            SAID,
            post(people::freeze),
        ),
        told("/v1/thaw", "Lets the line go on.", SAID, post(people::thaw)),
    ]
}

fn of_models() -> Vec<Page> {
    const WEIGHT: &[Field] =
        &[must("basis_points", "integer"), must("by", "string"), must("why", "string")];
    const ROLLBACK: &[Field] = &[
        must("model", "string"),
        may("to", "string"),
        must("by", "string"),
        must("why", "string"),
    ];
    const RETRAINING: &[Field] = &[
        must("model", "string"),
        may("trigger", "string"),
        may("params", "object"),
        must("by", "string"),
        must("why", "string"),
    ];
    vec![
        asked("/v1/rollouts", "Lists the rollouts that are not over.", &[], get(rollouts::list)),
        told(
            "/v1/runs/{run}/abort",
            "Takes the candidate of a run's rollout back.",
            SAID,
            post(rollouts::abort),
        ),
        told(
            "/v1/runs/{run}/weight",
            "Gives the candidate of a run's rollout another share.",
            WEIGHT,
            post(rollouts::weigh),
        ),
        told(
            "/v1/rollbacks",
            "Takes a candidate under way back; else the version before serves again.",
            ROLLBACK,
            post(rollouts::roll_back),
        ),
        told(
            "/v1/retrainings",
            "Runs the pipeline that made a model again.",
            RETRAINING,
            post(rollouts::retrain),
        ),
    ]
}

fn of_schedules() -> Vec<Page> {
    vec![
        asked(
            "/v1/schedules",
            "Lists schedules with their next `n` firings.",
            SHOWN,
            get(schedules::list),
        ),
        asked(
            "/v1/schedules/{pipeline}/{schedule}",
            "Shows a schedule and its newest decisions.",
            SHOWN,
            get(schedules::show),
        ),
        told(
            "/v1/schedules/{pipeline}/{schedule}/pause",
            "Begins no runs until it is resumed.",
            WHY,
            post(schedules::pause),
        ),
        told(
            "/v1/schedules/{pipeline}/{schedule}/resume",
            "Goes on; ticks in between stay skipped.",
            WHY,
            post(schedules::resume),
        ),
    ]
}

fn of_daemon() -> Vec<Page> {
    vec![
        asked("/v1/alarms", "What the daemon has to tell, newest first.", &[], get(health::alarms)),
        told(
            "/v1/reload",
            "Reads the pipelines again; broken ones change nothing.",
            &[],
            post(schedules::reload),
        ),
        asked("/v1/openapi.json", "This page.", &[], get(openapi::page)),
        asked("/healthz", "Whether the process is there.", &[], get(health::health)),
        asked("/readyz", "Whether the store answers.", &[], get(health::ready)),
        asked("/metrics", "Prometheus's text.", &[], get(health::metrics)),
    ]
}
