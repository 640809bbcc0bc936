//! What a person watching a run sees: a line a step, and on a terminal how far each is.

use crate::figures;
use crate::terminal::{Terminal, err};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::collections::BTreeMap;
use suho_domain::{Duration, Instant, Name, RunStatus, Value};
use suho_driver::ports::RunRow;
use suho_driver::world::{Observer, RolloutLook};
use suho_plan::Plan;
use suho_scheduler::Event;
use suho_step::Progress;

/// Market time between two plain lines about a rollout.
const ROLLOUT_LINE_EVERY: Duration = Duration::from_hours(12);

/// Writes to standard error as a run goes on.
pub(crate) struct Watcher {
    terminal: Terminal,
    kinds: BTreeMap<Name, Name>,
    width: usize,
    started: BTreeMap<Name, Instant>,
    /// Market time of the last line about each rollout.
    said: BTreeMap<Name, Duration>,
    bar: ProgressBar,
}

impl Watcher {
    pub(crate) fn new(plan: &Plan, run: &RunRow, terminal: Terminal, as_json: bool) -> Self {
        let is_quiet = terminal.is_quiet || as_json;
        let terminal = Terminal { is_quiet, is_live: terminal.is_live && !as_json, ..terminal };
        let kinds: BTreeMap<_, _> =
            plan.nodes.iter().map(|node| (node.name.clone(), node.kind.clone())).collect();
        let width = kinds.keys().map(|name| name.as_str().len()).max().unwrap_or(0);
        let bar = ProgressBar::new_spinner();
        if !terminal.is_live {
            bar.set_draw_target(ProgressDrawTarget::hidden());
        }
        if let Ok(style) = ProgressStyle::with_template("  {spinner} {msg}") {
            bar.set_style(style);
        }
        let watcher =
            Self { terminal, kinds, width, started: BTreeMap::new(), said: BTreeMap::new(), bar };
        watcher.line(&format!(
            "{} #{}  run {}  plan {}",
            run.pipeline,
            run.number,
            run.id.short(),
            run.plan_digest.short()
        ));
        watcher
    }

    /// Takes the live line away.
    pub(crate) fn finish(&self) {
        self.bar.finish_and_clear();
    }

    fn line(&self, text: &str) {
        if self.terminal.is_quiet {
            return;
        }
        self.bar.suspend(|| err(&format!("{text}\n")));
    }

    fn of_step(&self, step: &Name, text: &str) {
        self.line(&format!("  {:<width$}  {text}", step.as_str(), width = self.width));
    }

    /// How long the step took, for people: nothing below a tenth of a second.
    fn took(&self, step: &Name, at: Instant) -> String {
        let tenth = Duration::from_millis(100);
        match self.started.get(step).map(|started| at.since(*started)) {
            Some(took) if took >= tenth => format!("  {:.1} s", took.millis_f64() / 1000.0),
            _ => String::new(),
        }
    }
}

impl Observer for Watcher {
    fn event(&mut self, event: &Event, _: Instant) {
        match event {
            Event::StepCached { step, source, outputs, .. } => {
                let figures = figures::of(self.kinds.get(step), outputs);
                self.of_step(step, &format!("cached from {source}: {figures}"));
            }
            Event::AttemptStarted { step, attempt, at } => {
                self.started.entry(step.clone()).or_insert(*at);
                if *attempt > 1 {
                    self.of_step(step, &format!("attempt {attempt}"));
                }
                self.bar.set_message(format!("{step}"));
            }
            Event::AttemptSucceeded { step, outputs, at, .. } => {
                let figures = figures::of(self.kinds.get(step), outputs);
                self.of_step(step, &format!("{figures}{}", self.took(step, *at)));
            }
            Event::AttemptFailed { step, attempt, class, message, .. } => {
                self.of_step(step, &format!("attempt {attempt} failed ({class}): {message}"));
            }
            Event::AttemptLost { step, attempt, .. } => {
                self.of_step(step, &format!("attempt {attempt} was lost; another one begins"));
            }
            Event::StepDecided { step, outputs, .. } => {
                let figures = figures::of(self.kinds.get(step), outputs);
                self.of_step(step, &figures);
            }
            Event::StepRejected { step, reason, .. } => {
                self.of_step(step, &format!("no: {reason}"));
            }
            Event::StepFailed { step, message, .. } => {
                self.of_step(step, &format!("failed: {message}"));
            }
            Event::RolloutEnded { step, verdict, outputs, .. } => {
                let said = figures::verdict(verdict);
                let figures = figures::of(self.kinds.get(step), outputs);
                self.of_step(step, &format!("{said}: {figures}"));
            }
            Event::StepSkipped { step, reason, .. } => {
                self.of_step(step, &format!("skipped: {reason}"));
            }
            Event::CancelRequested { by, why, .. } => {
                self.line(&format!("cancelling for {by}: {why}"));
            }
            Event::ApprovalAsked { step, .. } => {
                let words =
                    "waits for an approval: `suho approve` in another terminal says of whom";
                self.of_step(step, words);
            }
            Event::Paused { by, why, .. } => self.line(&format!("paused by {by}: {why}")),
            Event::Resumed { by, why, .. } => self.line(&format!("resumed by {by}: {why}")),
            Event::Frozen { by, why, .. } => {
                self.line(&format!("the line is stopped by {by}: {why}"));
            }
            Event::Thawed { by, why, .. } => {
                self.line(&format!("the line goes on, by {by}: {why}"));
            }
            Event::DeadlinePassed { .. } => self.line("the deadline passed"),
            _ => {}
        }
    }

    fn progress(&mut self, step: &Name, progress: &Progress) {
        let figures: Vec<_> =
            progress.figures.iter().map(|(name, value)| figure(name, *value)).collect();
        let total = progress.total.map_or_else(String::new, |total| format!("/{total}"));
        let done = if progress.text.is_empty() {
            format!("{}{total}", progress.done)
        } else {
            progress.text.clone()
        };
        let text = format!("{done}  {}", figures.join("  "));
        if self.terminal.is_live {
            self.bar.set_message(format!("{step}  {text}"));
            self.bar.tick();
        } else if !figures.is_empty() {
            // Without a terminal only what will still be worth reading: an epoch's losses.
            self.of_step(step, text.trim());
        }
    }

    fn rollout(&mut self, look: &RolloutLook<'_>) {
        let metric = |name: &str| match look.metrics.get(name) {
            Some(Value::Undefined(_) | Value::None) | None => "–".to_owned(),
            Some(value) => figures::short(value),
        };
        let text = format!(
            "{}  {} of market time {} / {}  {} requests  {} events  accuracy {}",
            look.now.to_chrono().format("%a %Y-%m-%d %H:%M UTC"),
            look.share,
            look.accrued,
            look.total,
            metric("requests"),
            metric("events"),
            metric("accuracy"),
        );
        if self.terminal.is_live {
            self.bar.set_message(format!("{}  {text}", look.step));
            self.bar.tick();
            return;
        }
        let last = self.said.get(look.step).copied();
        if last.is_none_or(|last| look.accrued.minus(last) >= ROLLOUT_LINE_EVERY) {
            self.said.insert(look.step.clone(), look.accrued);
            self.of_step(look.step, &text);
        }
    }

    fn ended(&mut self, status: RunStatus) {
        self.finish();
        self.line(&format!("{status}"));
    }
}

/// `samples per second 3586`, `train loss 1.0720`: no more digits than say something.
fn figure(name: &str, value: f64) -> String {
    let digits = match value.abs() {
        100.0.. => 0,
        10.0.. => 1,
        _ => 4,
    };
    format!("{} {value:.digits$}", name.replace('_', " "))
}
