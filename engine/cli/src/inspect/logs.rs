//! `suho logs`: what the attempts of a run wrote.

use super::place::{State, States};
use super::seen::{Seen, target};
use crate::args;
use crate::failure::Failure;
use crate::terminal;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Duration as StdDuration;
use suho_domain::{AttemptKey, Name, StepStatus};
use suho_executors::{ProcessExecutor, Stream};
use suho_plan::Node;
use suho_scheduler::{StepView, Work};

/// How long to wait before looking for more.
const LOOK_AGAIN: StdDuration = StdDuration::from_millis(300);
/// A line longer than this is printed before its end is there.
const LINE_BYTES_MAX: usize = 64 * 1024;
/// Where attempts have their folders, in the state folder.
pub(super) const RUNS: &str = "runs";

/// `suho logs [RUN[/STEP]] [-f]`.
pub(crate) fn logs(args: &args::Logs) -> Result<u8, Failure> {
    let (run, step) = target(&args.of);
    let (State { folder, mut store }, row) = States::of(&args.place)?.run(run)?;
    let mut reader = Reader::of(&folder);
    loop {
        // The log first, then the files: what an attempt wrote before its run ended is read.
        let seen = Seen::load(&mut store, &row.id)?;
        if let Some(step) = step {
            seen.step(step)?;
        }
        let is_over = !args.follow || seen.run.is_finished();
        reader.read(&seen, step, is_over, &mut terminal::out)?;
        if is_over {
            return Ok(0);
        }
        std::thread::sleep(LOOK_AGAIN);
    }
}

/// One file of one attempt.
type Source = (Name, u32, &'static str);

/// How far the logs of a run were read.
#[derive(Debug)]
pub(super) struct Reader {
    executor: ProcessExecutor,
    tails: BTreeMap<Source, Tail>,
    /// Steps of which was said that they have no logs.
    said: BTreeSet<Name>,
    /// Whose lines were printed last: another's begin with a header.
    last: Option<Source>,
}

/// How far one file was read.
#[derive(Debug, Default)]
struct Tail {
    next: u64,
    /// The beginning of a line whose end is not written yet.
    line: Vec<u8>,
}

impl Tail {
    /// The whole lines that were read, or all that was read.
    fn lines(&mut self, is_end: bool) -> String {
        let whole = match self.line.iter().rposition(|byte| *byte == b'\n') {
            _ if is_end || self.line.len() > LINE_BYTES_MAX => self.line.len(),
            Some(end) => end.saturating_add(1),
            None => 0,
        };
        let rest = self.line.split_off(whole);
        let lines = std::mem::replace(&mut self.line, rest);
        let mut lines = String::from_utf8_lossy(&lines).into_owned();
        if !lines.is_empty() && !lines.ends_with('\n') {
            lines.push('\n');
        }
        lines
    }
}

impl Reader {
    /// Nothing of the logs in `state` was read.
    pub(super) fn of(state: &Path) -> Self {
        let executor = ProcessExecutor::at(&state.join(RUNS), std::iter::empty());
        Self { executor, tails: BTreeMap::new(), said: BTreeSet::new(), last: None }
    }

    /// Gives `sink` what is new, of `only` or of every step; at the end, also of lines that have
    /// no end.
    pub(super) fn read(
        &mut self,
        seen: &Seen,
        only: Option<&str>,
        is_end: bool,
        sink: &mut dyn FnMut(&str),
    ) -> Result<(), Failure> {
        let wanted = |(node, _): &(&Node, _)| only.is_none_or(|only| only == node.name.as_str());
        for (node, view) in seen.steps().filter(wanted) {
            match silence(seen, node, &view) {
                Some(why) => {
                    let is_due = is_end || view.status.is_terminal();
                    if is_due && self.said.insert(node.name.clone()) {
                        sink(&format!("== {}: no logs, {why} ==\n", node.name));
                        self.last = None;
                    }
                }
                None => {
                    for attempt in 1..=view.attempt {
                        let (run, step) = (seen.row.id.clone(), node.name.clone());
                        self.attempt(&AttemptKey { run, step, attempt }, is_end, sink)?;
                    }
                }
            }
        }
        Ok(())
    }

    fn attempt(
        &mut self,
        key: &AttemptKey,
        is_end: bool,
        sink: &mut dyn FnMut(&str),
    ) -> Result<(), Failure> {
        let mut has_words = false;
        for (stream, word) in [(Stream::Stdout, "stdout"), (Stream::Stderr, "stderr")] {
            has_words |= self.stream(key, stream, word, is_end, sink)?;
        }
        if is_end && !has_words {
            sink(&format!("== {}, attempt {}: it wrote nothing ==\n", key.step, key.attempt));
            self.last = None;
        }
        Ok(())
    }

    /// Whether anything was ever read of the stream.
    fn stream(
        &mut self,
        key: &AttemptKey,
        stream: Stream,
        word: &'static str,
        is_end: bool,
        sink: &mut dyn FnMut(&str),
    ) -> Result<bool, Failure> {
        let source: Source = (key.step.clone(), key.attempt, word);
        let tail = self.tails.entry(source.clone()).or_default();
        loop {
            let chunk = self
                .executor
                .logs(key, stream, tail.next)
                .map_err(|error| Failure::from_error(error.fault(), "unreadable-log", &error))?;
            let is_all = chunk.bytes.is_empty();
            tail.next = chunk.next;
            tail.line.extend(chunk.bytes);
            let lines = tail.lines(is_end && is_all);
            if !lines.is_empty() {
                if self.last.as_ref() != Some(&source) {
                    sink(&format!("== {}, attempt {}, {word} ==\n", key.step, key.attempt));
                    self.last = Some(source.clone());
                }
                sink(&lines);
            }
            if is_all {
                return Ok(tail.next > 0);
            }
        }
    }
}

/// Why a step has no logs, if it has none.
fn silence(seen: &Seen, node: &Node, view: &StepView<'_>) -> Option<String> {
    if view.spec.work != Work::Attempt {
        return Some(format!("the engine does a `{}` itself", node.kind));
    }
    if view.attempt > 0 {
        return None;
    }
    Some(match view.status {
        StepStatus::Cached => {
            let source = seen.source(&node.name).unwrap_or("an earlier run");
            format!("its result is from {source}")
        }
        StepStatus::Skipped => view.message.unwrap_or("it was left out").to_owned(),
        StepStatus::Cancelled => "it was cancelled before it began".to_owned(),
        StepStatus::Failed => "it failed before it began".to_owned(),
        _ => "it has not begun".to_owned(),
    })
}
