//! `latency_probe`: measures how fast a model answers, features included.
//!
//! One request is what serving does for one bar: the features of a bounded history, computed from
//! raw bars, scaling, and one inference. A machine that is busy with something else makes every
//! figure worse, so the probe looks at how long it waited for a processor, repeats what was
//! disturbed, and says so when it stays disturbed.

use crate::evaluate::load_model;
use crate::failure;
use crate::figure::{Figure, count, millis, share};
use crate::generated::{Latency, LatencyProbeIn, LatencyProbeOut, Part};
use crate::model::LoadedModel;
use crate::records::{artifacts, followed, whole};
use crate::snapshot::Snapshot;
use crate::stopwatch::{Stopwatch, waited_ms};
use std::hint::black_box;
use suho_stats::{Quantile, nearest_rank};
use suho_step::{Context, Inputs, Outputs, Progress, Step, StepError};

/// Above this share of its time waiting for a processor, the probe was disturbed.
const WAITING_MAX: f64 = 0.2;
/// How often a disturbed probe is made in all.
const PROBES_MAX: u32 = 3;
/// Requests between two reports of progress.
const REPORT: usize = 100;

/// Measures how fast the model answers, features included.
pub(crate) struct LatencyProbe;

/// One probe: how long each request took, and how much of the whole was spent waiting.
struct Probe {
    latencies_ms: Vec<f64>,
    waiting: Option<f64>,
}

impl Step for LatencyProbe {
    fn signature(&self) -> &'static str {
        "latency_probe"
    }

    fn run(&self, context: &mut Context<'_>, inputs: &Inputs) -> Result<Outputs, StepError> {
        let inputs = LatencyProbeIn::read(inputs)?;
        let data = followed(inputs.data)?;
        let requests = whole("requests", inputs.requests)?;
        let warm_up = whole("warmup", inputs.warmup)?;
        let artifacts = artifacts(context)?;
        let snapshot = Snapshot::load(&artifacts, &data.test)?;
        let model = load_model(&artifacts, &inputs.model)?;
        let ends = snapshot.samples.part(Part::Test).ends();
        let mut best: Option<Probe> = None;
        for number in 1..=PROBES_MAX {
            let probe = probe(context, &model, &snapshot, &ends, (requests, warm_up))?;
            let share = probe.waiting.unwrap_or(0.0);
            if best.as_ref().is_none_or(|best| share < best.waiting.unwrap_or(0.0)) {
                best = Some(probe);
            }
            if share <= WAITING_MAX {
                break;
            }
            context.log(&format!(
                "probe {number} of {PROBES_MAX} was disturbed: it waited for a processor for \
                 {:.0} % of its time",
                100.0 * share
            ));
        }
        let probe = best.ok_or_else(|| StepError::bug("no-probe", "no probe was made"))?;
        Ok(outputs(&probe, requests, warm_up).into())
    }
}

fn probe(
    context: &mut Context<'_>,
    model: &LoadedModel,
    snapshot: &Snapshot,
    ends: &[usize],
    (requests, warm_up): (usize, usize),
) -> Result<Probe, StepError> {
    let mut asked = ends.iter().copied().cycle();
    for end in asked.by_ref().take(warm_up) {
        answer(model, snapshot, end)?;
    }
    let mut latencies_ms = Vec::with_capacity(requests);
    let (before, whole) = (waited_ms(), Stopwatch::start());
    for (done, end) in asked.take(requests).enumerate() {
        if done % REPORT == 0 {
            if context.is_cancelled() {
                return Err(StepError::cancelled());
            }
            let progress = Progress::of(done as u64, requests as u64);
            context.progress(&progress.saying(format!("request {done} of {requests}")));
        }
        let request = Stopwatch::start();
        answer(model, snapshot, end)?;
        latencies_ms.push(request.millis());
    }
    let elapsed = whole.millis();
    let waiting = before.zip(waited_ms()).map(|(before, after)| (after - before) / elapsed);
    Ok(Probe { latencies_ms, waiting: waiting.filter(|share| share.is_finite()) })
}

/// What serving does for the bar `end`: bounded history in, one answer out.
fn answer(model: &LoadedModel, snapshot: &Snapshot, end: usize) -> Result<(), StepError> {
    let first = (end + 1).saturating_sub(model.history_needed());
    let history = snapshot.bars.slice(first..end + 1);
    let answer = model
        .predict_bars(&history, &[end - first])
        .map_err(|error| failure::of(error.fault(), error.code(), &error).help(error.help()))?;
    black_box(answer);
    Ok(())
}

fn outputs(probe: &Probe, requests: usize, warm_up: usize) -> LatencyProbeOut {
    let quantile = |basis_points: u16| match Quantile::new(basis_points) {
        Ok(quantile) => millis(nearest_rank(&probe.latencies_ms, quantile)),
        Err(error) => Figure::undefined(error.to_string()),
    };
    LatencyProbeOut {
        latency: Latency {
            p50: quantile(5_000),
            p90: quantile(9_000),
            p95: quantile(9_500),
            p99: quantile(9_900),
            max: quantile(10_000),
        },
        requests: count(requests),
        warmup: count(warm_up),
        waiting: probe.waiting.map_or_else(|| Figure::undefined("the system does not say"), share),
        noisy: probe.waiting.is_some_and(|share| share > WAITING_MAX),
    }
}

#[cfg(test)]
mod tests;
