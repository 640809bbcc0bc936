//! One rollout in progress: what it has seen, where it wants traffic, and how it ended.

use crate::clock::{Clock, Run};
use crate::comparison::{LastLook, Trial};
use crate::guardrail::Strikes;
use crate::rule::Streak;
use crate::{
    Action, Answer, Block, Evidence, Guardrail, NotARollout, Observation, Reason, Rule, Spec,
    Stage, Verb, Verdict,
};
use serde::{Deserialize, Serialize};
use suho_domain::{BasisPoints, Duration, Instant};

/// Failures of the source of measurements in a row before the rollout pauses.
const BLIND_MAX: u32 = 4;
/// How long live traffic may go unseen before the candidate is taken back.
const BLIND_TIME_MAX: Duration = Duration::from_minutes(15);

/// A rollout in progress.
///
/// Serialise it after each observation, together with the actions; read back, it goes on as if
/// nothing had happened.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Rollout {
    pub(crate) spec: Spec,
    /// World time of the latest observation.
    at: Option<Instant>,
    pub(crate) clock: Clock,
    /// Where traffic is wanted, and what has been asked for.
    pub(crate) share: BasisPoints,
    asked: BasisPoints,
    /// A ramp's step, from zero, and the counted time at which its hold began.
    pub(crate) step: usize,
    pub(crate) step_began: Duration,
    /// Planned counted time, extensions included.
    pub(crate) duration: Duration,
    streaks: Vec<Streak>,
    strikes: Strikes,
    blind: Option<Blind>,
    paused: Option<Reason>,
    pub(crate) trial: Trial,
    verdict: Option<Verdict>,
}

/// Observations without evidence, in a row.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
struct Blind {
    since: Instant,
    count: u32,
}

impl Rollout {
    /// A rollout that has not begun: the first observation makes it ask for its first share.
    ///
    /// # Errors
    /// When `spec` cannot be done.
    pub fn new(spec: Spec) -> Result<Self, NotARollout> {
        spec.check()?;
        let share = match &spec.stage {
            Stage::Shadow(_) => BasisPoints::NONE,
            Stage::Canary(canary) => canary.share,
            Stage::Ramp(ramp) => ramp.steps.first().copied().ok_or(NotARollout::Steps)?,
        };
        Ok(Self {
            at: None,
            clock: Clock::default(),
            share,
            asked: BasisPoints::NONE,
            step: 0,
            step_began: Duration::ZERO,
            duration: spec.duration(),
            streaks: vec![Streak::default(); spec.rules.len()],
            strikes: Strikes::default(),
            blind: None,
            paused: None,
            trial: Trial::default(),
            verdict: None,
            spec,
        })
    }

    /// Takes in what was seen and answers with what to do, in order.
    ///
    /// An observation that is not after the latest is not taken in again; traffic that is not where
    /// it is wanted is asked for again in any case, also after the end.
    pub fn observe(&mut self, seen: &Observation) -> Vec<Action> {
        let mut actions = Vec::new();
        let is_new = self.at.is_none_or(|at| seen.at > at);
        if is_new && self.verdict.is_none() {
            self.at = Some(seen.at);
            let verdict = match &seen.evidence {
                Some(evidence) => self.judge(seen, evidence, &mut actions),
                None => self.see_nothing(seen, &mut actions),
            };
            if let Some(verdict) = verdict {
                actions.extend(self.conclude(verdict));
                return actions;
            }
        }
        actions.extend(self.steer(seen));
        actions
    }

    /// Ends the rollout for a reason of the caller's: a person's, or because the bars ran out.
    /// Answers with nothing when it has ended already.
    pub fn conclude(&mut self, verdict: Verdict) -> Vec<Action> {
        if self.verdict.is_some() {
            return Vec::new();
        }
        let mut actions = Vec::new();
        if verdict != Verdict::Promote {
            self.share = BasisPoints::NONE;
            // Whether or not earlier shares were acknowledged: one of them may be on its way.
            if !matches!(self.spec.stage, Stage::Shadow(_)) {
                self.asked = self.share;
                actions.push(Action::SetTraffic { share: self.share });
            }
        }
        self.verdict = Some(verdict.clone());
        actions.push(Action::Decide(verdict));
        actions
    }

    /// What was asked for.
    pub const fn spec(&self) -> &Spec {
        &self.spec
    }

    /// The share it wants the candidate to have.
    pub const fn share(&self) -> BasisPoints {
        self.share
    }

    /// A ramp's step, from zero.
    pub const fn step(&self) -> usize {
        self.step
    }

    /// Market time that counts, so far.
    pub const fn accrued(&self) -> Duration {
        self.clock.accrued()
    }

    /// Counted market time after which it decides, extensions included, without the labels' grace.
    pub const fn duration(&self) -> Duration {
        self.duration
    }

    /// Why its clock stands still, when a rule, a person or missing evidence makes it.
    pub const fn paused(&self) -> Option<&Reason> {
        self.paused.as_ref()
    }

    /// How it ended.
    pub const fn verdict(&self) -> Option<&Verdict> {
        self.verdict.as_ref()
    }

    /// The blocks the harm test has looked at, those of earlier stages first: the next stage's
    /// [`Comparison::earlier`](crate::Comparison::earlier).
    pub fn blocks(&self) -> Vec<Block> {
        let blocks = |comparison| self.trial.blocks(comparison);
        self.spec.comparison.as_ref().map(blocks).unwrap_or_default()
    }

    /// Wants the candidate at `share`; less counts as asked for, as the caller routes it.
    pub(crate) fn want(&mut self, share: BasisPoints) {
        if share < self.share {
            self.asked = share;
        }
        self.share = share;
    }

    /// Asks for traffic to be where it is wanted. More only while someone watches and no freeze or
    /// pause forbids it.
    fn steer(&mut self, seen: &Observation) -> Option<Action> {
        let settled = seen.share == self.share && self.asked == self.share;
        let waits = seen.frozen || seen.paused || seen.evidence.is_none();
        if settled || (self.share > seen.share && waits) {
            return None;
        }
        self.asked = self.share;
        Some(Action::SetTraffic { share: self.share })
    }

    fn see_nothing(&mut self, seen: &Observation, actions: &mut Vec<Action>) -> Option<Verdict> {
        self.clock.tick(seen.market, 0, Run::Stopped);
        let (since, count) = self.blind.map_or((seen.at, 0), |blind| (blind.since, blind.count));
        let count = count.saturating_add(1);
        self.blind = Some(Blind { since, count });
        if count >= BLIND_MAX {
            self.pause(Some(Reason::MetricsUnavailable), actions);
        }
        let is_live = !matches!(self.spec.stage, Stage::Shadow(_));
        if is_live && seen.at.since(since) > BLIND_TIME_MAX {
            let reason = Reason::Guardrail(Guardrail::Blind);
            return Some(Verdict::RollBack { reason });
        }
        let reason = Reason::MetricsUnavailable;
        self.is_expired().then_some(Verdict::Inconclusive { reason })
    }

    fn judge(
        &mut self,
        seen: &Observation,
        evidence: &Evidence,
        actions: &mut Vec<Action>,
    ) -> Option<Verdict> {
        self.blind = None;
        if let Some(reason) = self.breach(seen, evidence) {
            return Some(Verdict::RollBack { reason });
        }
        let standstill = self.standstill(seen);
        let acknowledged = seen.share == self.share;
        let runs = seen.open && acknowledged && standstill.is_none();
        let run = if runs { Run::Free } else { Run::Stopped };
        self.clock.tick(seen.market, evidence.window.requests, run);
        let unserved =
            (seen.open && acknowledged && !self.clock.is_served()).then_some(Reason::NoTraffic);
        self.pause(standstill.or(unserved), actions);

        if self.look(evidence, LastLook::Defer, actions) {
            return Some(Verdict::RollBack { reason: Reason::AccuracyHarm });
        }
        self.decide(seen, evidence, actions)
    }

    /// What takes the candidate back at once: a guardrail, then a declared rule.
    fn breach(&mut self, seen: &Observation, evidence: &Evidence) -> Option<Reason> {
        if evidence.non_finite > 0 {
            return Some(Reason::Guardrail(Guardrail::NonFinite));
        }
        let is_live = !matches!(self.spec.stage, Stage::Shadow(_));
        let breached = self.strikes.take(&self.spec.guardrails, evidence);
        if let Some(guardrail) = breached.filter(|_| is_live) {
            return Some(Reason::Guardrail(guardrail));
        }
        let answers = evidence.answers.iter().copied().chain(std::iter::repeat(Answer::NoData));
        for (streak, answer) in self.streaks.iter_mut().zip(answers) {
            streak.take(answer, seen.market);
        }
        let text = self.firing(Verb::Rollback, seen.market)?.text.clone();
        Some(Reason::Rule { text })
    }

    /// Why the clock stands still though the market is open.
    fn standstill(&self, seen: &Observation) -> Option<Reason> {
        if seen.paused {
            return Some(Reason::Paused);
        }
        let text = self.firing(Verb::Hold, seen.market)?.text.clone();
        Some(Reason::Hold { text })
    }

    /// The first rule of that verb whose condition has held for long enough.
    fn firing(&self, verb: Verb, market: Duration) -> Option<&Rule> {
        let rules = self.spec.rules.iter().zip(&self.streaks);
        let mut firing =
            rules.filter(|(rule, streak)| rule.verb == verb && streak.fires(market, rule.lasting));
        firing.next().map(|(rule, _)| rule)
    }

    /// Looks at the blocks that have become complete; whether one shows harm.
    pub(crate) fn look(
        &mut self,
        evidence: &Evidence,
        last: LastLook,
        actions: &mut Vec<Action>,
    ) -> bool {
        let planned = self.blocks_planned();
        let Some(comparison) = &self.spec.comparison else { return false };
        let last = match self.spec.stage {
            Stage::Shadow(_) => return false,
            Stage::Canary(_) => last,
            // A ramp is never extended, so its last look has nothing to wait for.
            Stage::Ramp(_) => LastLook::Take,
        };
        let looks = self.trial.take(comparison, &evidence.blocks, planned, last);
        let harm = looks.iter().any(|look| look.harm);
        actions.extend(looks.into_iter().map(Action::Look));
        harm
    }

    fn pause(&mut self, reason: Option<Reason>, actions: &mut Vec<Action>) {
        if reason != self.paused {
            actions.push(reason.clone().map_or(Action::Resume, |reason| Action::Pause { reason }));
            self.paused = reason;
        }
    }
}
