//! Bars that were predicted, and what became of them.

use crate::tape::Shown;
use std::num::NonZeroU32;
use suho_domain::Instant;
use suho_rollout::{Block, Correct, Events};
use suho_stats::{BlockLength, PairedEvent, block_means};

/// One bar that closed inside the window.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Event {
    /// Which bar of the tape.
    pub(crate) bar: usize,
    /// Which bar of the window, by market time from its start, from zero.
    pub(crate) place: u64,
    /// When its label is due by the market's calendar.
    pub(crate) due: Instant,
    /// What the candidate answered; none when it failed.
    pub(crate) candidate: Option<i8>,
    /// What the baseline answered; none when it failed or there is none.
    pub(crate) baseline: Option<i8>,
    /// What came true, once known.
    pub(crate) label: Option<i8>,
}

/// The events of a rollout's window, in order of time. A bar that the candidate gave no answer for
/// is no event: it counts among the failed requests.
#[derive(Clone, Debug)]
pub(crate) struct Window {
    events: Vec<Event>,
    /// How many of them, from the first on, are known.
    known: usize,
    horizon: NonZeroU32,
    judged: Judged,
}

/// What the matured events say.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Judged {
    /// Events whose labels are known.
    pub(crate) matured: u64,
    /// Those the candidate answered right.
    pub(crate) correct: Correct,
    /// Complete blocks of paired events.
    pub(crate) blocks: Vec<Block>,
    /// Events that both models answered, labelled or not.
    pub(crate) paired: u64,
    /// Those they answered alike.
    pub(crate) alike: u64,
}

impl Window {
    /// `horizon`: in bars.
    pub(crate) fn new(horizon: NonZeroU32) -> Self {
        Self { events: Vec::new(), known: 0, horizon, judged: Judged::default() }
    }

    /// A bar closed.
    pub(crate) fn push(&mut self, event: Event) {
        self.events.push(event);
    }

    /// Labels the events whose labels are known, by what `label` says of their bars, and judges
    /// anew. `closed`: how many bars of the tape have closed.
    ///
    /// Known in order of time: a bar that touched a barrier early waits for those before it. Were it
    /// judged at once, the bars that go on would be missing, and those are the flat ones.
    pub(crate) fn mature(&mut self, closed: usize, label: impl Fn(usize) -> Option<Shown>) {
        let horizon = usize::try_from(self.horizon.get()).unwrap_or(usize::MAX);
        let mut known = self.known;
        while let Some(event) = self.events.get_mut(known) {
            let shown = label(event.bar).filter(|shown| shown.by < closed);
            // A bar that has no label, as one before the rule's history has none, never will.
            if shown.is_none() && event.bar.saturating_add(horizon) >= closed {
                break;
            }
            event.label = shown.map(|shown| shown.class);
            known += 1;
        }
        self.known = known;
        // Every bar of the window before the first that is still open to the future is judged.
        let judged_bars = self.events.get(known).map_or(0, |event| event.place);
        self.judged = self.judge(judged_bars);
    }

    fn judge(&self, judged_bars: u64) -> Judged {
        let mut judged = Judged::default();
        let mut pairs = Vec::new();
        for event in &self.events {
            let Some(candidate) = event.candidate else { continue };
            if let Some(baseline) = event.baseline {
                judged.paired += 1;
                judged.alike += u64::from(candidate == baseline);
            }
            let Some(label) = event.label else { continue };
            judged.matured += 1;
            judged.correct.events += 1;
            judged.correct.right += u64::from(candidate == label);
            pairs.extend(event.baseline.map(|baseline| PairedEvent {
                bar: event.place,
                candidate_correct: candidate == label,
                baseline_correct: baseline == label,
            }));
        }
        let length = BlockLength::of_horizon(self.horizon);
        let blocks = block_means(&pairs, length, judged_bars);
        judged.blocks = blocks.into_iter().map(Block::from).collect();
        judged
    }

    /// What is known since the last bar closed.
    pub(crate) const fn judged(&self) -> &Judged {
        &self.judged
    }

    /// Events by what is known of their labels `at` that time.
    pub(crate) fn events(&self, at: Instant) -> Events {
        let due = self.events.iter().take_while(|event| event.due <= at);
        let due = due.filter(|event| event.candidate.is_some()).count() as u64;
        Events { matured: self.judged.matured, due }
    }
}
