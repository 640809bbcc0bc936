//! What the daemon says while it works: a line a thing for people, or one JSON object a line.

use clap::ValueEnum;
use std::fmt;
use std::io;
use std::sync::Arc;
use suho_daemon::Time;
use suho_domain::{Instant, Name, RunId, RunStatus};
use suho_driver::world::{Observer, RolloutLook};
use suho_scheduler::Event;
use suho_step::Progress;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::Layer as _;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::layer;
use tracing_subscriber::fmt::time::FormatTime;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

/// Whom the log is for.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum LogFormat {
    /// People: what the daemon does, and what failed.
    Text,
    /// Programs: also every step's every event, with its run.
    Json,
}

/// The daemon's own clock before each line.
struct Stamp(Arc<dyn Time>);

impl FormatTime for Stamp {
    fn format_time(&self, writer: &mut Writer<'_>) -> fmt::Result {
        write!(writer, "{}", self.0.now().to_chrono().format("%Y-%m-%dT%H:%M:%SZ"))
    }
}

/// What steps do, beside what the daemon does.
const STEPS: &str = "suho::step";

/// From now on what is logged goes to standard error as `format`.
pub(crate) fn begin(format: LogFormat, time: &Arc<dyn Time>) {
    let stamp = Stamp(Arc::clone(time));
    let ours = Targets::new().with_target("suho", LevelFilter::INFO);
    // A log that somebody else has begun already is as good.
    drop(match format {
        LogFormat::Text => {
            let lines = layer().with_ansi(false).with_level(false).with_target(false);
            let lines = lines.with_timer(stamp).with_writer(io::stderr);
            let told = ours.with_target(STEPS, LevelFilter::WARN);
            tracing_subscriber::registry().with(lines.with_filter(told)).try_init()
        }
        LogFormat::Json => {
            let lines = layer().json().flatten_event(true).with_current_span(false);
            let lines = lines.with_span_list(false).with_timer(stamp).with_writer(io::stderr);
            tracing_subscriber::registry().with(lines.with_filter(ours)).try_init()
        }
    });
}

/// Logs what happens to a run.
pub(crate) struct Logged<'a> {
    pub(crate) run: &'a RunId,
    pub(crate) pipeline: &'a Name,
}

impl Observer for Logged<'_> {
    fn event(&mut self, event: &Event, _: Instant) {
        let (run, pipeline) = (self.run.short(), self.pipeline.as_str());
        let (step, what) = (event.step().map(Name::as_str), event.word());
        match event {
            Event::AttemptFailed { attempt, class, message, .. } => tracing::warn!(
                target: STEPS, run, pipeline, step, attempt, event = what, class = class.word(),
                "{message}"
            ),
            Event::StepFailed { class, message, .. } => tracing::warn!(
                target: STEPS, run, pipeline, step, event = what, class = class.word(), "{message}"
            ),
            Event::AttemptStarted { attempt, .. }
            | Event::AttemptSucceeded { attempt, .. }
            | Event::AttemptLost { attempt, .. }
            | Event::KillSent { attempt, .. } => {
                tracing::info!(target: STEPS, run, pipeline, step, attempt, event = what);
            }
            _ => tracing::info!(target: STEPS, run, pipeline, step, event = what),
        }
    }

    fn progress(&mut self, _: &Name, _: &Progress) {}

    fn rollout(&mut self, _: &RolloutLook<'_>) {}

    fn ended(&mut self, _: RunStatus) {}
}
