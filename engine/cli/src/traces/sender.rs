//! Who carries traces to their collector. It holds up nobody: a trace is worth less than a run.

use crate::failure::Failure;
use serde_json::Value as Json;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::Duration;
use suho_domain::{Fault, fault};

/// Traces that wait to be carried; more are dropped.
const WAITING_MAX: usize = 64;
/// How long a collector may take.
const ANSWER_MAX: Duration = Duration::from_secs(10);

/// Where traces are given away.
#[derive(Debug)]
pub(crate) struct Sender(SyncSender<Json>);

impl Sender {
    /// To the collector at `endpoint`, `http://127.0.0.1:4318` for example.
    ///
    /// # Errors
    /// When that is no address of HTTP.
    pub(crate) fn to(endpoint: &str) -> Result<Self, Failure> {
        let is_http = ["http://", "https://"].iter().any(|scheme| endpoint.starts_with(scheme));
        if !is_http {
            let message = format!("`{endpoint}` is no address of a collector of traces");
            return Err(Failure::user("no-collector", message)
                .help("it speaks OTLP over HTTP, as at `http://127.0.0.1:4318`"));
        }
        let url = format!("{}/v1/traces", endpoint.trim_end_matches('/'));
        let (sender, receiver) = sync_channel(WAITING_MAX);
        let thread = std::thread::Builder::new().name("traces".to_owned());
        let thread = thread.spawn(move || carry(&url, &receiver));
        thread.map_err(|error| Failure::from_error(Fault::World, "no-thread", &error))?;
        Ok(Self(sender))
    }

    /// Gives `trace` away.
    pub(crate) fn send(&self, trace: Json) {
        if self.0.try_send(trace).is_err() {
            tracing::warn!("a trace is dropped: its collector is slow");
        }
    }
}

fn carry(url: &str, traces: &Receiver<Json>) {
    let agent: ureq::Agent =
        ureq::Agent::config_builder().timeout_global(Some(ANSWER_MAX)).proxy(None).build().into();
    let mut has_told = false;
    for trace in traces {
        let request = agent.post(url).header("Content-Type", "application/json");
        let refused = request.send(trace.to_string()).err();
        if let (Some(error), false) = (&refused, has_told) {
            // Once in a row.
            tracing::warn!("`{url}` takes no traces: {}", fault::chain(error));
        }
        has_told = refused.is_some();
    }
}
