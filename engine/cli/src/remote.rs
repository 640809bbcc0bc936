//! A daemon of this project, spoken to over HTTP.

use crate::failure::Failure;
use serde_json::Value as Json;
use std::path::Path;
use std::time::Duration as StdDuration;
use suho_daemon::{BODY_BYTES_MAX, Place};
use suho_domain::{Fault, fault};

/// Longest wait for an answer: a daemon answers once its disk has.
const ANSWER_MAX: StdDuration = StdDuration::from_secs(30);
/// Largest answer that is read, in bytes.
const ANSWER_BYTES_MAX: u64 = 4 * 1024 * 1024;

/// The daemon that works on `state`, if one does and is ready.
pub(crate) fn find(state: &Path) -> Option<Place> {
    suho_daemon::find(state)
}

/// Asks `place` to do what `path` names; `key` makes asking again safe.
pub(crate) fn ask(
    place: &Place,
    path: &str,
    body: &Json,
    key: Option<&str>,
) -> Result<Json, Failure> {
    let body = body.to_string();
    if body.len() > BODY_BYTES_MAX {
        let message = format!(
            "this asks with {} bytes, and a daemon takes {BODY_BYTES_MAX}: a parameter is too large",
            body.len()
        );
        return Err(Failure::user("too-large", message)
            .help("keep it in a file of the project, and let the parameter name that file"));
    }
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .timeout_global(Some(ANSWER_MAX))
        .http_status_as_error(false)
        .proxy(None)
        .build()
        .into();
    let url = format!("http://{}{path}", place.address);
    let mut request = agent.post(&url).header("Content-Type", "application/json");
    if let Some(key) = key {
        request = request.header("Idempotency-Key", key);
    }
    if let Some(file) = &place.token_file {
        let token = crate::project::read(file)?;
        request = request.header("Authorization", format!("Bearer {}", token.trim()));
    }
    let unreached = |error: &dyn std::error::Error| {
        let message =
            format!("cannot ask the daemon on {}: {}", place.address, fault::chain(error));
        Failure::world("daemon-unreached", message)
            .help("ask again; what it has taken is in `suho ps`")
    };
    let mut answer = request.send(body).map_err(|error| unreached(&error))?;
    let text = answer.body_mut().with_config().limit(ANSWER_BYTES_MAX).read_to_string();
    let text = text.map_err(|error| unreached(&error))?;
    let json: Json = serde_json::from_str(&text).unwrap_or_default();
    if answer.status().is_success() {
        return Ok(json);
    }
    Err(refused(answer.status().as_u16(), &json))
}

/// The daemon's no, in its own words.
fn refused(status: u16, problem: &Json) -> Failure {
    let text = |field: &str| problem.get(field).and_then(Json::as_str);
    let fault = match status {
        400..500 => Fault::User,
        503 => Fault::World,
        _ => Fault::Bug,
    };
    let said =
        text("detail").map_or_else(|| format!("the daemon answered {status}"), str::to_owned);
    let failure = Failure::new(fault, text("code").unwrap_or("daemon"), said);
    text("help").into_iter().fold(failure, Failure::help)
}
