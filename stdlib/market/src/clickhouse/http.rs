//! One question and the whole of its answer.

use std::io::{self, Read as _};

use ureq::Agent;
use ureq::config::AutoHeaderValue;
use ureq::http::{Response, StatusCode};

use super::query::Statement;
use super::{ClickHouse, ClickHouseError, Compression};

/// The most that is read of an answer: a hundred years of minutes in JSON.
const BYTES_MAX: u64 = 8 << 30;

/// The body of the answer to `statement` in `format`.
pub(super) fn ask(
    server: &ClickHouse,
    statement: &Statement,
    format: &str,
) -> Result<Vec<u8>, ClickHouseError> {
    let accepted = match server.compression {
        Compression::Off => AutoHeaderValue::None,
        Compression::Gzip => AutoHeaderValue::Default,
    };
    let agent: Agent = Agent::config_builder()
        .http_status_as_error(false)
        .timeout_connect(Some(server.patience.connect))
        .timeout_global(Some(server.patience.answer))
        .accept_encoding(accepted)
        // Nothing but what the pipeline says decides where its data come from.
        .proxy(None)
        .max_redirects(0)
        .build()
        .into();
    let mut request = agent
        // Whatever a query says: a GET only reads.
        .get(&server.url)
        .query("query", &statement.sql)
        .query("default_format", format)
        // The status then knows how the query ended.
        .query("wait_end_of_query", "1");
    for parameter in &statement.parameters {
        request = request.query(format!("param_{}", parameter.name), &parameter.value);
    }
    if let Some(database) = &server.database {
        request = request.query("database", database);
    }
    if server.compression == Compression::Gzip {
        request = request.query("enable_http_compression", "1");
    }
    if let Some(account) = &server.account {
        request = request
            .header("X-ClickHouse-User", &account.user)
            .header("X-ClickHouse-Key", &account.password);
    }
    let response = request.call().map_err(|error| failed(server, error))?;
    let (status, code) = (response.status(), code_in_header(&response));
    let body = whole(server, response)?;
    if status != StatusCode::OK || code.is_some() {
        let (of_body, message) = exception(&body);
        let (url, status) = (server.url.clone(), status.as_u16());
        return Err(ClickHouseError::Refused { url, status, code: code.or(of_body), message });
    }
    Ok(body)
}

fn whole(
    server: &ClickHouse,
    mut response: Response<ureq::Body>,
) -> Result<Vec<u8>, ClickHouseError> {
    let mut body = Vec::new();
    let mut reader = response.body_mut().with_config().limit(BYTES_MAX).reader();
    match reader.read_to_end(&mut body) {
        Ok(_) => Ok(body),
        Err(error) if is_cut(&error) => {
            // What has arrived may end with the reason.
            refusal(server, &body).map_or_else(
                || Err(ClickHouseError::BrokenOff { url: server.url.clone(), bytes: body.len() }),
                Err,
            )
        }
        Err(error) => Err(failed(server, ureq::Error::from(error))),
    }
}

fn is_cut(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::UnexpectedEof
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::BrokenPipe
            | io::ErrorKind::InvalidData
    )
}

/// What the server says at the end of an answer that began well; none where it says nothing.
pub(super) fn refusal(server: &ClickHouse, body: &[u8]) -> Option<ClickHouseError> {
    /// An exception and its stack stand in the last of these bytes.
    const TAIL: usize = 64 << 10;
    let tail = body.get(body.len().saturating_sub(TAIL)..)?;
    let (code, message) = exception(tail);
    let code = Some(code?);
    Some(ClickHouseError::Refused { url: server.url.clone(), status: 200, code, message })
}

fn failed(server: &ClickHouse, error: ureq::Error) -> ClickHouseError {
    let url = server.url.clone();
    match error {
        ureq::Error::Timeout(ureq::Timeout::Connect | ureq::Timeout::Resolve) => {
            ClickHouseError::Slow { url, patience: server.patience.connect }
        }
        ureq::Error::Timeout(_) => ClickHouseError::Slow { url, patience: server.patience.answer },
        ureq::Error::BadUri(_) | ureq::Error::Http(_) => ClickHouseError::Url { url },
        ureq::Error::Protocol(_) => ClickHouseError::NotClickHouse { url },
        ureq::Error::BodyExceedsLimit(bytes_max) => ClickHouseError::TooLarge { url, bytes_max },
        ureq::Error::Io(error) if is_cut(&error) => ClickHouseError::BrokenOff { url, bytes: 0 },
        error => ClickHouseError::Unreachable { url, source: Box::new(error) },
    }
}

/// The number that current servers give in a header.
fn code_in_header(response: &Response<ureq::Body>) -> Option<u32> {
    response.headers().get("X-ClickHouse-Exception-Code")?.to_str().ok()?.trim().parse().ok()
}

/// The number and the first line of an exception in `text`; no number where there is no exception.
///
/// `Code: 60, e.displayText() = DB::Exception: …` in 2018, `Code: 60. DB::Exception: …` today.
fn exception(text: &[u8]) -> (Option<u32>, String) {
    /// Long enough to say what is wrong, short enough for a line.
    const CHARS_MAX: usize = 300;
    let text = String::from_utf8_lossy(text);
    let found = text.match_indices("Code: ").filter_map(|(at, found)| {
        let rest = text.get(at + found.len()..)?;
        let digits = rest.find(|letter: char| !letter.is_ascii_digit())?;
        let code = rest.get(..digits)?.parse().ok()?;
        let message = rest.get(digits..)?;
        message.contains("Exception").then_some((code, message))
    });
    let (code, message) = match found.last() {
        Some((code, message)) => (Some(code), message),
        None => (None, text.trim()),
    };
    let message =
        message.trim_start_matches([',', '.', ' ']).trim_start_matches("e.displayText() = ");
    let message = message.trim_start_matches("DB::Exception: ");
    let line = message.lines().next().unwrap_or_default();
    // What follows are numbers for the server's makers.
    let line = line.split(", e.what() = ").next().unwrap_or_default().trim();
    let line = if line.is_empty() { "it does not say why" } else { line };
    (code, line.chars().take(CHARS_MAX).collect())
}
