//! A step that is a request: one question, one answer, no redirects, no proxies.

use super::address::Guarded;
use super::outputs;
use super::secret::Secrets;
use serde_json::Value as Json;
use std::io;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;
use suho_domain::{FailureClass, Value};
use suho_step::exec::{Answer, How};
use suho_step::{Context, Exec, Order, Outputs, StepError};
use ureq::Agent;
use ureq::http::{Request, StatusCode};
use ureq::unversioned::transport::DefaultConnector;

/// Most that is read of an answer, in bytes.
const BYTES_MAX: u64 = 1 << 20;
/// Longest a server may take to pick up.
const CONNECT: Duration = Duration::from_secs(10);
/// How often it is asked whether the step is still wanted.
const LOOK: Duration = Duration::from_millis(20);
/// Longest piece of an answer in a message, in characters.
const SHOWN_MAX: usize = 200;

/// An answer, whole.
struct Answered {
    status: StatusCode,
    body: Vec<u8>,
}

pub(super) fn run(
    order: &Order,
    exec: &Exec,
    secrets: &Secrets,
    context: &mut Context<'_>,
) -> Result<Outputs, StepError> {
    let How::Http { method, url, answer, .. } = &exec.how else {
        return Err(StepError::bug("http", "the step is no request"));
    };
    let request = request(order, exec, secrets)?;
    let agent = agent(order, exec);
    context.log(&secrets.redactor().whole(&format!("{method} {url}")));
    let (tell, told) = mpsc::channel();
    // A thread that nobody waits for: when the step is not wanted any more, the process ends.
    thread::spawn(move || tell.send(ask(&agent, request)));
    let answered = loop {
        match told.recv_timeout(LOOK) {
            Ok(answered) => break answered.map_err(|error| failed(&error, order, url))?,
            Err(RecvTimeoutError::Timeout) if context.is_cancelled() => {
                return Err(StepError::cancelled());
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => {
                return Err(StepError::bug("http", "the request's thread panicked"));
            }
        }
    };
    let body = String::from_utf8_lossy(&answered.body).into_owned();
    context.log(&format!("answered {} with {} bytes", answered.status, answered.body.len()));
    judge(answered.status, &body)?;
    if secrets.are_in(&body) {
        let message = "the answer holds a secret: outputs are kept and shown";
        return Err(StepError::user("secret-in-outputs", message));
    }
    match answer {
        Answer::Whole => Ok(Outputs::new()
            .with("status", Value::Int(answered.status.as_u16().into()))
            .with("body", Value::Text(body))),
        Answer::Fields if exec.outputs.is_empty() => Ok(Outputs::new()),
        Answer::Fields => {
            let json: Json = serde_json::from_str(&body).map_err(|error| {
                let message = format!("the answer is not JSON: `{}`", shown(&body));
                StepError::user("bad-outputs", message).because(&error)
            })?;
            outputs::typed(exec, &declared(exec, json))
        }
    }
}

/// What `json` holds of the outputs that `exec` declares: a server may say more.
fn declared(exec: &Exec, json: Json) -> Json {
    match json {
        Json::Object(fields) => {
            let is_asked = |(name, _): &(String, Json)| exec.outputs.contains_key(name);
            Json::Object(fields.into_iter().filter(is_asked).collect())
        }
        other => other,
    }
}

fn agent(order: &Order, exec: &Exec) -> Agent {
    let config = Agent::config_builder()
        .http_status_as_error(false)
        .timeout_connect(Some(CONNECT))
        .timeout_global(order.timeout.map(suho_domain::Duration::to_std))
        // Nothing but what the pipeline says decides where a request goes.
        .proxy(None)
        .max_redirects(0)
        .max_redirects_will_error(false)
        // A body goes with whatever method is asked for.
        .allow_non_standard_methods(true)
        .user_agent("suho")
        .build();
    Agent::with_parts(config, DefaultConnector::default(), Guarded::of(&exec.hosts))
}

fn request(order: &Order, exec: &Exec, secrets: &Secrets) -> Result<Request<Vec<u8>>, StepError> {
    let How::Http { method, url, json, .. } = &exec.how else {
        return Err(StepError::bug("http", "the step is no request"));
    };
    // Of one step all attempts have the same key: a server that has done its work knows it again.
    let key = format!("{}/{}", order.key.run, order.key.step);
    let mut builder = Request::builder()
        .method(method.as_str())
        .uri(url)
        .header("Suho-Attempt", order.key.to_string())
        .header("Suho-Epoch", order.epoch.to_string());
    let has = |wanted: &str| secrets.given().keys().any(|name| name.eq_ignore_ascii_case(wanted));
    if !has("Idempotency-Key") {
        builder = builder.header("Idempotency-Key", key);
    }
    if json.is_some() && !has("Content-Type") {
        builder = builder.header("Content-Type", "application/json");
    }
    for (name, value) in secrets.given() {
        builder = builder.header(name, value);
    }
    let body = json.as_ref().map_or_else(Vec::new, |json| json.to_string().into_bytes());
    builder.body(body).map_err(|error| {
        let message = format!("`{method} {url}` is no request");
        StepError::user("bad-request", message).because(&error)
    })
}

fn ask(agent: &Agent, request: Request<Vec<u8>>) -> Result<Answered, ureq::Error> {
    let (parts, body) = request.into_parts();
    let mut response = if body.is_empty() {
        agent.run(Request::from_parts(parts, ()))?
    } else {
        agent.run(Request::from_parts(parts, body))?
    };
    let body = response.body_mut().with_config().limit(BYTES_MAX).read_to_vec()?;
    Ok(Answered { status: response.status(), body })
}

/// What became of a request that got no answer.
fn failed(error: &ureq::Error, order: &Order, url: &str) -> StepError {
    let no_answer =
        |class, code: &str, message: String| StepError::new(class, code, message).because(error);
    match error {
        ureq::Error::Timeout(ureq::Timeout::Global) => {
            let limit = order.timeout.unwrap_or(suho_domain::Duration::ZERO);
            let message = format!("the step ran longer than its limit of {limit}");
            StepError::new(FailureClass::Timeout, "timed-out", message)
        }
        ureq::Error::Io(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            StepError::user("forbidden-address", error.to_string())
        }
        ureq::Error::BodyExceedsLimit(_) => {
            let message = format!("`{url}` answered with more than 1 MiB");
            StepError::user("too-large", message)
        }
        ureq::Error::BadUri(_) | ureq::Error::Http(_) => {
            no_answer(FailureClass::User, "bad-request", format!("`{url}` cannot be asked"))
        }
        _ => {
            no_answer(FailureClass::Infrastructure, "no-answer", format!("`{url}` did not answer"))
        }
    }
}

/// Whether `status` means that what was asked is done.
fn judge(status: StatusCode, body: &str) -> Result<(), StepError> {
    let said = |what: &str| {
        let body = shown(body);
        let after = if body.is_empty() { String::new() } else { format!(": `{body}`") };
        format!("the server {what} ({status}){after}")
    };
    match status.as_u16() {
        200..=299 => Ok(()),
        300..=399 => Err(StepError::user("redirected", said("sends elsewhere"))
            .help("redirects are not followed; ask where it sends to")),
        // Try later: too early, too often, too slow, or its own trouble.
        408 | 425 | 429 | 500..=599 => Err(StepError::infrastructure("server", said("cannot now"))),
        _ => Err(StepError::user("refused", said("refuses"))),
    }
}

/// The beginning of an answer, on one line.
fn shown(body: &str) -> String {
    let line = body.split_whitespace().collect::<Vec<_>>().join(" ");
    line.chars().take(SHOWN_MAX).collect()
}
