//! Who may ask at all: whoever comes from no foreign page and has the token, if there is one; on the
//! loopback, who calls it by its own name.

use super::problem::Problem;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use std::sync::Arc;
use suho_domain::Digest;

/// Names of this machine by which a browser may have come. Another one is a page that had its own
/// name point here.
const NAMES: [&str; 4] = ["localhost", "127.0.0.1", "[::1]", "::1"];
/// What can be asked without the token, by probes that have none.
const OPEN: [&str; 2] = ["/healthz", "/readyz"];

/// What a request is held against.
#[derive(Clone, Debug)]
pub(crate) struct Guard {
    /// Whether only this machine is to ask.
    is_here: bool,
    /// The digest of the token: two of them are compared, so that the time it takes tells nothing.
    token: Option<Arc<Digest>>,
}

impl Guard {
    /// Of those who ask on the loopback.
    pub(crate) fn of_this_machine(token: Option<&str>) -> Self {
        Self { is_here: true, token: token.map(|token| Arc::new(Digest::of(token.as_bytes()))) }
    }

    /// Of those who ask over TLS, by whatever name the certificate has.
    pub(crate) fn of_others(token: Option<&str>) -> Self {
        Self { is_here: false, ..Self::of_this_machine(token) }
    }

    fn admits(&self, method: &Method, path: &str, headers: &HeaderMap) -> Result<(), Problem> {
        let forbidden = |detail: &str| Err(Problem::new(StatusCode::FORBIDDEN, "foreign", detail));
        let host = text(headers, header::HOST.as_str()).unwrap_or_default();
        if self.is_here && !is_here(host) {
            return forbidden("ask by an address of the loopback: the `Host` is another machine's");
        }
        let origin = text(headers, header::ORIGIN.as_str());
        let is_own = |origin: &str| {
            let from = origin.split_once("://").map(|(_, from)| from);
            from.is_some_and(|from| if self.is_here { is_here(from) } else { from == host })
        };
        if *method != Method::GET && origin.is_some_and(|origin| !is_own(origin)) {
            return forbidden("a foreign page may change nothing");
        }
        let Some(token) = &self.token else { return Ok(()) };
        let given = text(headers, header::AUTHORIZATION.as_str());
        let given = given.and_then(|given| given.strip_prefix("Bearer "));
        let fits = given.is_some_and(|given| Digest::of(given.as_bytes()) == **token);
        if fits || OPEN.contains(&path) {
            return Ok(());
        }
        let detail = "send the token: `Authorization: Bearer TOKEN`";
        Err(Problem::new(StatusCode::UNAUTHORIZED, "unauthorized", detail))
    }
}

/// Lets a request through, or answers it.
pub(super) async fn check(
    State(guard): State<Guard>,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    guard.admits(request.method(), request.uri().path(), request.headers())?;
    Ok(next.run(request).await)
}

fn text<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name)?.to_str().ok()
}

/// Whether `host`, with or without a port, names the loopback.
fn is_here(host: &str) -> bool {
    let is_port = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let name = match host.rsplit_once(':') {
        Some((name, port)) if is_port(port) && !name.is_empty() => name,
        _ => host,
    };
    NAMES.contains(&name) || NAMES.contains(&host)
}

#[cfg(test)]
mod tests;
