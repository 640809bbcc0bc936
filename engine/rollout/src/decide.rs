//! The decision tables: in which order the evidence decides a shadow, a canary, a step of a ramp.
//!
//! What ends a rollout at any minute (guardrails, rules, harm) has been looked at before; here are
//! the rows that follow.

use crate::comparison::LastLook;
use crate::rollout::Rollout;
use crate::{
    Accept, Action, Answer, Canary, Evidence, Observation, Ramp, Reason, Shadow, Stage, Verb,
    Verdict,
};
use suho_domain::{Duration, Ratio};
use suho_stats::{Alpha, Measured, Proportion, sample_ratio};

/// Complete blocks without which no statistic is formed.
const BLOCKS_MIN: u64 = 3;
/// Events below which an accuracy floor does not decide.
const FLOOR_EVENTS_MIN: u64 = 30;
/// One in this many due labels may be missing: 5 %.
const LABELS_MISSING_ONE_IN: u64 = 20;
/// Level of the sample-ratio test while the rollout runs: it is repeated at each bar.
const SAMPLE_RATIO_INTERIM: f64 = 0.0001;
/// Its level at a decision.
const SAMPLE_RATIO_FINAL: f64 = 0.001;

impl Rollout {
    /// What the evidence decides, when nothing ended the rollout at once.
    pub(crate) fn decide(
        &mut self,
        seen: &Observation,
        evidence: &Evidence,
        actions: &mut Vec<Action>,
    ) -> Option<Verdict> {
        if ratio_mismatch(evidence, SAMPLE_RATIO_INTERIM) {
            return Some(inconclusive(Reason::SampleRatio));
        }
        let verdict = match self.spec.stage.clone() {
            Stage::Shadow(shadow) => self.decide_shadow(shadow, evidence),
            Stage::Canary(canary) => self.decide_canary(canary, seen, evidence, actions),
            Stage::Ramp(ramp) => self.decide_step(&ramp, seen, evidence, actions),
        };
        verdict.or_else(|| self.is_expired().then(|| inconclusive(self.last_obstacle(evidence))))
    }

    /// What kept the rollout from ending in its longest time.
    fn last_obstacle(&self, evidence: &Evidence) -> Reason {
        let requests = evidence.total.requests;
        let needed = match &self.spec.stage {
            Stage::Shadow(shadow) => shadow.requests_min,
            Stage::Canary(canary) => canary.requests_min,
            Stage::Ramp(_) => 0,
        };
        if requests == 0 {
            return Reason::NoTraffic;
        }
        if requests < needed {
            return Reason::TooFewRequests { requests, needed };
        }
        let blind = || {
            let text = self.rule(evidence, Verb::Rollback, Answer::NoData)?;
            Some(Reason::NoData { text })
        };
        let standstill = self.paused().cloned();
        standstill.or_else(|| self.unanswered(evidence)).or_else(blind).unwrap_or(Reason::Expired)
    }

    /// Whether the longest market time, and the labels' grace, are over.
    pub(crate) fn is_expired(&self) -> bool {
        self.clock.market() >= self.spec.market_max.plus(self.spec.label_grace())
    }

    /// Blocks that the harm test will have looked at in the end, as far as that is known now. What
    /// the clock lost, the end is later by.
    pub(crate) fn blocks_planned(&self) -> u64 {
        self.spec.comparison.as_ref().map_or(0, |comparison| {
            let may_extend = comparison.accept != Accept::NoHarm;
            let end = match self.spec.stage {
                // Evidence for more than no harm may take all the time there is: the plan is the
                // longest one from the start, as what is spent cannot be spent again.
                Stage::Canary(_) if may_extend => self.spec.market_max,
                _ => self.duration.plus(self.clock.lost()),
            };
            comparison.blocks_in(self.spec.window(end))
        })
    }

    fn decide_shadow(&self, shadow: Shadow, evidence: &Evidence) -> Option<Verdict> {
        let total = &evidence.total;
        if self.accrued() < shadow.duration || total.requests < shadow.requests_min {
            return None;
        }
        let offered = total.requests.saturating_add(total.dropped);
        let slow = shadow.latency_p95_max.zip(total.latency);
        let failing = if exceeds(total.errors, total.requests, shadow.error_rate_max) {
            shadow.error_rate_max.map(|max| format!("error_rate <= {max}"))
        } else if slow.is_some_and(|(max, latency)| latency.p95 > max) {
            shadow.latency_p95_max.map(|max| format!("latency.p95 <= {max}"))
        } else if exceeds(total.dropped, offered, Some(shadow.dropped_max)) {
            Some(format!("dropped <= {}", shadow.dropped_max))
        } else {
            self.rule(evidence, Verb::Require, Answer::False)
        };
        if let Some(text) = failing {
            return Some(roll_back(Reason::Criteria { text }));
        }
        self.unanswered(evidence).is_none().then_some(Verdict::Promote)
    }

    fn decide_canary(
        &mut self,
        canary: Canary,
        seen: &Observation,
        evidence: &Evidence,
        actions: &mut Vec<Action>,
    ) -> Option<Verdict> {
        if self.accrued() < self.duration.plus(canary.label_grace) {
            return None;
        }
        if ratio_mismatch(evidence, SAMPLE_RATIO_FINAL) {
            return Some(inconclusive(Reason::SampleRatio));
        }
        if let Some(reason) = self.shortage(canary, evidence) {
            return self.extend(reason, actions);
        }
        if self.look(evidence, LastLook::Take, actions) {
            return Some(roll_back(Reason::AccuracyHarm));
        }
        if let Some(text) = self.failing(evidence) {
            return Some(roll_back(Reason::Criteria { text }));
        }
        if let Some(text) = below_floor(canary, evidence) {
            return Some(roll_back(Reason::Criteria { text }));
        }
        if self.is_held(seen, evidence) {
            return None;
        }
        if self.has_shown() {
            Some(Verdict::Promote)
        } else {
            self.extend(Reason::NotShown, actions)
        }
    }

    fn decide_step(
        &mut self,
        ramp: &Ramp,
        seen: &Observation,
        evidence: &Evidence,
        actions: &mut Vec<Action>,
    ) -> Option<Verdict> {
        if self.accrued().minus(self.step_began) < ramp.every {
            return None;
        }
        if ratio_mismatch(evidence, SAMPLE_RATIO_FINAL) {
            return Some(inconclusive(Reason::SampleRatio));
        }
        if let Some(text) = self.failing(evidence) {
            return Some(roll_back(Reason::Criteria { text }));
        }
        if self.unanswered(evidence).is_some() || self.is_held(seen, evidence) {
            return None;
        }
        // The next greater share, also after a person has given it a smaller one.
        let next = ramp.steps.iter().enumerate().find(|(_, share)| **share > self.share);
        let Some((next, share)) = next else { return Some(Verdict::Promote) };
        self.step = next;
        self.step_began = self.accrued();
        self.share = *share;
        actions.push(Action::Advance { step: next });
        None
    }

    /// What is missing before a canary's evidence may decide.
    fn shortage(&self, canary: Canary, evidence: &Evidence) -> Option<Reason> {
        let (total, events) = (&evidence.total, &evidence.events);
        let missing = events.due.saturating_sub(events.matured);
        let blocks = u64::try_from(evidence.blocks.len()).unwrap_or(u64::MAX);
        if missing.saturating_mul(LABELS_MISSING_ONE_IN) > events.due {
            Some(Reason::LabelsMissing { missing, due: events.due })
        } else if events.matured < canary.events_min {
            Some(Reason::TooFewEvents { events: events.matured, needed: canary.events_min })
        } else if total.requests == 0 && canary.requests_min > 0 {
            Some(Reason::NoTraffic)
        } else if total.requests < canary.requests_min {
            Some(Reason::TooFewRequests { requests: total.requests, needed: canary.requests_min })
        } else if self.spec.comparison.is_some() && blocks < BLOCKS_MIN {
            Some(Reason::TooFewBlocks { blocks, needed: BLOCKS_MIN })
        } else {
            self.unanswered(evidence)
        }
    }

    /// A requirement without an answer.
    fn unanswered(&self, evidence: &Evidence) -> Option<Reason> {
        let uptime =
            self.spec.guardrails.uptime_min.filter(|_| {
                evidence.probes.sent == 0 && !matches!(self.spec.stage, Stage::Shadow(_))
            });
        let text = uptime.map(|_| "uptime".to_owned());
        let text = text.or_else(|| self.rule(evidence, Verb::Require, Answer::NoData))?;
        Some(Reason::NoData { text })
    }

    /// A requirement that does not hold.
    fn failing(&self, evidence: &Evidence) -> Option<String> {
        let probes = &evidence.probes;
        let least = self.spec.guardrails.uptime_min.filter(|least| {
            least.number().saturating_mul(probes.sent.into()) > probes.answered.into()
        });
        least
            .map(|least| format!("uptime >= {least}"))
            .or_else(|| self.rule(evidence, Verb::Require, Answer::False))
    }

    /// Whether a promotion or a step up has to wait: for the end of a freeze or a pause, or for a
    /// `rollback when` that cannot be answered.
    fn is_held(&self, seen: &Observation, evidence: &Evidence) -> bool {
        let blind = self.rule(evidence, Verb::Rollback, Answer::NoData).is_some();
        seen.frozen || self.paused().is_some() || blind
    }

    /// The first rule of that verb with that answer.
    fn rule(&self, evidence: &Evidence, verb: Verb, answer: Answer) -> Option<String> {
        let answers = evidence.answers.iter().copied().chain(std::iter::repeat(Answer::NoData));
        let mut rules = self.spec.rules.iter().zip(answers);
        rules
            .find(|(rule, given)| rule.verb == verb && *given == answer)
            .map(|(rule, _)| rule.text.clone())
    }

    /// Whether the comparison has shown what it was to show. Without a baseline there is nothing to
    /// show.
    fn has_shown(&mut self) -> bool {
        let Some(comparison) = &self.spec.comparison else { return true };
        let least = match comparison.accept {
            Accept::NoHarm => return true,
            Accept::NonInferior { margin } => -margin.to_f64(),
            Accept::Superior => 0.0,
        };
        self.trial.lower_bound(comparison).is_some_and(|lower| lower > least)
    }

    /// Goes on for half the planned time, as far as the longest allows; then nobody can say.
    fn extend(&mut self, reason: Reason, actions: &mut Vec<Action>) -> Option<Verdict> {
        let room = self.spec.market_max.minus(self.duration);
        let by = Duration::from_nanos(self.spec.duration().nanos() / 2).min(room);
        if by <= Duration::ZERO {
            return Some(inconclusive(reason));
        }
        self.duration = self.duration.plus(by);
        actions.push(Action::Extend { by, until: self.duration, reason });
        None
    }
}

const fn roll_back(reason: Reason) -> Verdict {
    Verdict::RollBack { reason }
}

const fn inconclusive(reason: Reason) -> Verdict {
    Verdict::Inconclusive { reason }
}

/// Whether `some` are more than the share `max` of `all`. Exact.
fn exceeds(some: u64, all: u64, max: Option<Ratio>) -> bool {
    max.is_some_and(|max| max.number().saturating_mul(all.into()) < some.into())
}

/// The floor that accuracy is surely below, in words.
fn below_floor(canary: Canary, evidence: &Evidence) -> Option<String> {
    let floor = canary.accuracy_floor?;
    let correct = &evidence.correct;
    let share = Proportion::new(correct.right, correct.events).ok()?;
    let upper = share.wilson_upper(Alpha::FIVE_PERCENT).defined()?;
    let is_below = correct.events >= FLOOR_EVENTS_MIN && upper < floor.to_f64();
    is_below.then(|| format!("accuracy >= {floor}"))
}

/// Whether the arms hold other units than their shares say, at that level. Where all or none of the
/// traffic is the candidate's there is nothing to compare.
fn ratio_mismatch(evidence: &Evidence, level: f64) -> bool {
    evidence.units.is_some_and(|units| {
        let (share, rest) = (units.share.points(), units.share.complement().points());
        let counts = [units.candidate, units.baseline];
        let tested = sample_ratio(&counts, &[share.into(), rest.into()]);
        // Refused where an arm without a share has units, undefined where there is one arm only.
        let p = tested.ok().and_then(Measured::defined).map(|tested| tested.p);
        p.is_some_and(|p| p < level)
    })
}
