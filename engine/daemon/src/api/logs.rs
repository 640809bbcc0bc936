//! What the attempts of a run wrote, line by line, as server-sent events; as it is written, too.

use super::apart;
use super::problem::Problem;
use crate::desk::Desk;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::response::sse::{Event, KeepAlive};
use axum::response::{IntoResponse, Sse};
use serde::Deserialize;
use serde_json::json;
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration as StdDuration;
use suho_domain::{AttemptKey, Name, RunId, fault};
use suho_driver::ports::{Store as _, StoreError};
use suho_executors::{ProcessExecutor, Stream};
use suho_scheduler::Run;
use tokio::sync::mpsc::{Sender, channel};
use tokio_stream::wrappers::ReceiverStream;

/// How long to wait before looking for more.
const LOOK_AGAIN: StdDuration = StdDuration::from_millis(250);
/// Lines that wait for a slow reader before reading on waits, too.
const LINES_MAX: usize = 256;
/// A line longer than this is given in parts, in bytes.
const LINE_BYTES_MAX: usize = 64 * 1024;

/// Which lines.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    step: Option<String>,
    #[serde(default)]
    follow: bool,
}

/// Lines as events `line`, `{"step","attempt","stream","line"}` each, and `end` after the last.
pub(super) async fn logs(
    State(desk): State<Arc<Desk>>,
    Path(run): Path<String>,
    query: Result<Query<Asked>, QueryRejection>,
) -> Result<impl IntoResponse, Problem> {
    let Query(asked) = query?;
    let (lines, stream) = channel::<Result<Event, Infallible>>(LINES_MAX);
    let finder = Arc::clone(&desk);
    let run = apart(move || Ok(finder.store.find_run(&run)?.id)).await?;
    // It ends by itself when the run does, or when the reader goes away.
    drop(tokio::spawn(async move {
        let mut reader = Some(Reader::new(desk, run, asked));
        while let Some(mut at) = reader.take() {
            let read = tokio::task::spawn_blocking(move || {
                let found = at.read();
                (at, found)
            });
            let Ok((at, (found, is_over))) = read.await else { return };
            for event in found {
                if lines.send(Ok(event)).await.is_err() {
                    return;
                }
            }
            if is_over {
                return;
            }
            tokio::time::sleep(LOOK_AGAIN).await;
            reader = Some(at).filter(|_| !is_gone(&lines));
        }
    }));
    Ok(Sse::new(ReceiverStream::new(stream)).keep_alive(KeepAlive::default()))
}

fn is_gone<T>(lines: &Sender<T>) -> bool {
    lines.is_closed()
}

/// How far the logs of a run were read.
struct Reader {
    desk: Arc<Desk>,
    run: RunId,
    asked: Asked,
    executor: ProcessExecutor,
    /// By step, attempt and stream: the next byte, and a line that has no end yet.
    tails: BTreeMap<(Name, u32, &'static str), (u64, Vec<u8>)>,
}

impl Reader {
    fn new(desk: Arc<Desk>, run: RunId, asked: Asked) -> Self {
        let executor = ProcessExecutor::at(&desk.folder.join("runs"), std::iter::empty());
        Self { desk, run, asked, executor, tails: BTreeMap::new() }
    }

    /// What is new, and whether that is all there will be.
    fn read(&mut self) -> (Vec<Event>, bool) {
        match self.attempts() {
            Ok((attempts, is_over)) => {
                let is_over = is_over || !self.asked.follow;
                let mut found = Vec::new();
                for key in attempts {
                    for (stream, word) in [(Stream::Stdout, "stdout"), (Stream::Stderr, "stderr")] {
                        self.stream(&key, stream, word, is_over, &mut found);
                    }
                }
                if is_over {
                    found.push(Event::default().event("end").data("{}"));
                }
                (found, is_over)
            }
            Err(error) => {
                let said = json!({ "detail": fault::chain(&error) }).to_string();
                (vec![Event::default().event("error").data(said)], true)
            }
        }
    }

    /// The attempts so far, and whether the run is over. The log is read before the files: what an
    /// attempt wrote before its run ended is found.
    fn attempts(&self) -> Result<(Vec<AttemptKey>, bool), StoreError> {
        let (row, log) = (&*self.desk.store).load(&self.run)?;
        let plan = row.plan.read().ok();
        let spec = plan.and_then(|plan| suho_driver::run_spec(&plan, &self.run).ok());
        let state =
            spec.and_then(|spec| Run::replay(spec, log.iter().map(|logged| &logged.event)).ok());
        let Some(state) = state else { return Ok((Vec::new(), true)) };
        let wanted = |name: &Name| {
            self.asked.step.as_ref().is_none_or(|step| step.as_str() == name.as_str())
        };
        let steps = state.steps().filter(|view| wanted(&view.spec.name));
        let keys = steps.flat_map(|view| {
            let (run, step) = (self.run.clone(), view.spec.name.clone());
            (1..=view.attempt).map(move |attempt| AttemptKey {
                run: run.clone(),
                step: step.clone(),
                attempt,
            })
        });
        Ok((keys.collect(), state.is_finished()))
    }

    fn stream(
        &mut self,
        key: &AttemptKey,
        stream: Stream,
        word: &'static str,
        is_end: bool,
        found: &mut Vec<Event>,
    ) {
        let tail = self.tails.entry((key.step.clone(), key.attempt, word)).or_default();
        loop {
            // A file that is not there, or not any more, has no lines.
            let Ok(chunk) = self.executor.logs(key, stream, tail.0) else { return };
            let is_all = chunk.bytes.is_empty();
            tail.0 = chunk.next;
            tail.1.extend(chunk.bytes);
            for line in lines(&mut tail.1, is_end && is_all) {
                let line = json!({
                    "step": key.step, "attempt": key.attempt, "stream": word, "line": line,
                });
                found.push(Event::default().event("line").data(line.to_string()));
            }
            if is_all {
                return;
            }
        }
    }
}

/// Takes the whole lines out of `bytes`; at the end, and of lines without measure, all.
fn lines(bytes: &mut Vec<u8>, is_end: bool) -> Vec<String> {
    let whole = match bytes.iter().rposition(|byte| *byte == b'\n') {
        _ if is_end || bytes.len() > LINE_BYTES_MAX => bytes.len(),
        Some(end) => end.saturating_add(1),
        None => 0,
    };
    let rest = bytes.split_off(whole);
    let text = std::mem::replace(bytes, rest);
    String::from_utf8_lossy(&text).lines().map(str::to_owned).collect()
}
