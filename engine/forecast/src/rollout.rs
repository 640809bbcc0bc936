//! Traffic over time, and what the canary can and cannot detect.

use crate::data::{calendar, delta};
use crate::{ForecastError, Occasion};
use suho_domain::{BasisPoints, Duration, Instant};
use suho_driver::Candidate;
use suho_driver::controller::{self, Baseline};
use suho_driver::ports::SlotFacts;
use suho_plan::{Node, Plan, Role};
use suho_rollout::{Spec, Stage, timeline};
use suho_stats as stats;

/// What the rollout would do.
#[derive(Clone, Debug, PartialEq)]
pub struct Rollout {
    /// Every planned moment, in order.
    pub moments: Vec<Moment>,
    /// Its end when nothing is extended.
    pub expected_end: Instant,
    /// Its end when the canary is extended as far as it may be.
    pub latest_end: Instant,
    /// What the canary can detect; `None` on a first model, which is compared with nothing.
    pub power: Option<Power>,
    /// Built-in guardrails in force, in words.
    pub guardrails: Vec<String>,
}

/// One planned moment.
#[derive(Clone, Debug, PartialEq)]
pub struct Moment {
    /// When.
    pub at: Instant,
    /// Market time since the rollout's start.
    pub offset: Duration,
    /// The candidate's share from here on.
    pub share: BasisPoints,
    /// What happens.
    pub what: String,
}

/// What a canary can detect (domain §8.5).
#[derive(Clone, Debug, PartialEq)]
pub struct Power {
    /// Label events it will see.
    pub events: u64,
    /// Detectable loss of accuracy at 80 % power if events were independent.
    pub independent: Option<f64>,
    /// The same with the prior for overlapping labels.
    pub correlated: Option<f64>,
    /// Events needed to show a loss of five points, with that prior.
    pub needed_for_5pp: Option<u64>,
}

/// The plan's rollouts, in order.
pub(crate) type Specs = Vec<Spec>;

pub(crate) fn specs(
    plan: &Plan,
    candidate: Option<&Candidate>,
    slot: &SlotFacts,
) -> Result<Specs, ForecastError> {
    let Some(candidate) = candidate else { return Ok(Vec::new()) };
    let baseline =
        if slot.production.is_some() { Baseline::Some(Vec::new()) } else { Baseline::None };
    let rollouts = plan.nodes.iter().filter(|node| node.role == Role::Rollout);
    let spec = |node: &Node| Ok(controller::spec(plan, node, candidate, &baseline)?.0);
    rollouts.map(spec).collect()
}

/// Market time that `specs` take with all labels waited for.
pub fn market_time(specs: &[Spec], candidate: &Candidate) -> Duration {
    let end = timeline(specs).last().map_or(Duration::ZERO, |moment| moment.offset);
    // Events at the very end mature a horizon later: the record is complete only then.
    if end == Duration::ZERO { end } else { end.plus(candidate.horizon) }
}

pub(crate) fn of(
    plan: &Plan,
    candidate: Option<&Candidate>,
    specs: &Specs,
    until: Option<Instant>,
    occasion: &Occasion,
) -> Option<Rollout> {
    let candidate = candidate?;
    let calendar = calendar(plan, candidate).ok()?;
    let start = until.unwrap_or(occasion.at).to_chrono();
    let after =
        |offset: Duration| Instant::from_chrono(calendar.add_market_time(start, delta(offset)));
    let moment = |moment: &suho_rollout::Moment| Moment {
        at: after(moment.offset),
        offset: moment.offset,
        share: moment.share,
        what: moment.what.to_string(),
    };
    let moments: Vec<Moment> = timeline(specs).iter().map(moment).collect();
    let end = moments.last()?.offset;
    let canary = specs.iter().find_map(|spec| match &spec.stage {
        Stage::Canary(canary) => Some((canary, spec)),
        _ => None,
    });
    let extended =
        canary.map_or(Duration::ZERO, |(canary, spec)| spec.market_max.minus(canary.duration));
    let bar = candidate.slot.timeframe.duration();
    let compared = canary.filter(|(_, spec)| spec.comparison.is_some());
    Some(Rollout {
        expected_end: after(end),
        latest_end: after(end.plus(extended)),
        power: compared.map(|(canary, _)| power(canary.duration, bar)),
        guardrails: canary.map(|(_, spec)| guardrails(spec)).unwrap_or_default(),
        moments,
    })
}

fn power(duration: Duration, bar: Duration) -> Power {
    let bars = duration.nanos() / bar.nanos().max(1);
    let events = u64::try_from(bars).unwrap_or(0);
    let alpha = stats::Alpha::FIVE_PERCENT;
    let discordance = stats::Power::DISCORDANCE_PRIOR;
    let independent = stats::Power::new(alpha, stats::Power::USUAL, discordance, 1.0).ok();
    let correlated = stats::Power::prior();
    Power {
        events,
        independent: independent.and_then(|power| power.detectable(events).defined()),
        correlated: correlated.detectable(events).defined(),
        needed_for_5pp: correlated.events_needed(0.05).ok(),
    }
}

fn guardrails(spec: &Spec) -> Vec<String> {
    let limits = &spec.guardrails;
    let mut said = vec!["1 output that is not finite".to_owned()];
    said.extend(limits.error_rate_max.map(|max| format!("error rate above {max} for 3 minutes")));
    said.extend(limits.latency_p95_max.map(|max| format!("P95 latency above {max} for 3 minutes")));
    said.extend(
        limits.uptime_min.map(|min| format!("6 probes failed in a row, or uptime below {min}")),
    );
    said
}
