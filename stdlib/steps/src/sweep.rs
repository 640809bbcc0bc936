//! `sweep`: trains a model once for each of many settings, and picks the best by the validation rows.

mod course;
mod kept;
mod space;

pub(crate) use space::Tries;

use crate::beside;
use crate::figure::{Figure, count, number, ratio, share};
use crate::generated::{Search, Space, SweepIn, SweepOut, Trial, Watched};
use crate::records::{artifacts, whole};
use crate::train::{Lesson, architecture};
use crate::tuning::{Declared, Setting};
use course::{Course, declared, of_trial};
use kept::{Came, Kept};
use std::cmp::Ordering;
use std::collections::BTreeMap;
use suho_stats::{ValidationBlocks, backtest_overfitting};
use suho_step::{Context, Inputs, Outputs, Step, StepError};

/// Blocks of time that overfitting is measured over.
const BLOCKS: u32 = 16;

/// Trains a model once for each of many settings, and picks the best.
pub(crate) struct Sweep;

impl Step for Sweep {
    fn signature(&self) -> &'static str {
        "sweep"
    }

    fn run(&self, context: &mut Context<'_>, inputs: &Inputs) -> Result<Outputs, StepError> {
        let at_once = beside::cores(inputs);
        let device = beside::device(context, inputs)?;
        let inputs = SweepIn::read(inputs)?;
        let epochs = whole("epochs", inputs.epochs)?;
        let tries = tries(&declared(&inputs), &inputs.over, &inputs.search, (epochs, inputs.seed))?;
        let artifacts = artifacts(context)?;
        let lesson = Lesson::of(&artifacts, &inputs.model, &inputs.train, &inputs.validation)?;
        let kept = Kept::of(context, &artifacts)?;
        let course = Course {
            inputs: &inputs,
            lesson: &lesson,
            device: &device,
            tries: &tries,
            // A GPU is busy with one.
            at_once: if device.is_cpu() { at_once } else { 1 },
        };
        let mut all: BTreeMap<usize, Came> = BTreeMap::new();
        let mut left: Vec<usize> = (0..tries.trials.len()).collect();
        let mut done = 0;
        for (rung, next) in tries.rungs.iter().enumerate() {
            left.truncate(next.trials);
            all.extend(course.climb(context, &kept, rung, &left, &mut done)?);
            left.sort_by(|a, b| order(inputs.by, all.get(a), all.get(b)).then(a.cmp(b)));
        }
        let outputs = outputs(&inputs, &tries, &all, &left)?;
        kept.clear()?;
        Ok(outputs.into())
    }

    /// Removes the trials that are kept for a later attempt.
    fn undo(&self, context: &mut Context<'_>, _: &Inputs) -> Result<(), StepError> {
        let artifacts = artifacts(context)?;
        Kept::of(context, &artifacts)?.clear()
    }
}

/// What a sweep tries of `over`; each is a network that can be built.
pub(crate) fn tries(
    declared: &Declared,
    over: &Space,
    search: &Search,
    (epochs, seed): (usize, i64),
) -> Result<Tries, StepError> {
    let tries = Tries::of(over, search, epochs, seed)?;
    for (number, setting) in tries.trials.iter().enumerate() {
        let set = setting.of(declared)?;
        architecture(&set.model).map_err(|error| of_trial(&error, number, setting))?;
    }
    Ok(tries)
}

/// The better first; what diverged last.
fn order(by: Watched, a: Option<&Came>, b: Option<&Came>) -> Ordering {
    let score = |came: Option<&Came>| {
        let came = came?;
        let loss = came.validation_loss?;
        Some(match by {
            Watched::ValLoss => loss,
            Watched::ValAccuracy => -came.validation_accuracy,
        })
    };
    match (score(a), score(b)) {
        (Some(a), Some(b)) => a.total_cmp(&b),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => Ordering::Equal,
    }
}

/// `left`: the trials of the last rung, the best first.
fn outputs(
    inputs: &SweepIn,
    tries: &Tries,
    all: &BTreeMap<usize, Came>,
    left: &[usize],
) -> Result<SweepOut, StepError> {
    let trials = tries.trials.len();
    let best = left.first().and_then(|at| Some((*at, all.get(at)?, tries.trials.get(*at)?)));
    let Some((at, came, setting)) = best else {
        return Err(StepError::bug("no-trial", "the sweep tried nothing"));
    };
    let Some(loss) = came.validation_loss else {
        let message = format!("each of the {trials} trials diverged");
        return Err(StepError::user("diverged", message).help("try a smaller `learning_rate`"));
    };
    let tried = |(at, setting): (usize, &Setting)| {
        let came = all.get(&at).cloned().unwrap_or_default();
        Trial {
            number: count(at + 1),
            settings: setting.text(),
            epochs: count(came.epochs),
            best_epoch: count(came.best_epoch),
            validation_loss: came
                .validation_loss
                .map_or_else(|| Figure::undefined("it diverged"), number),
            validation_accuracy: share(came.validation_accuracy),
        }
    };
    Ok(SweepOut {
        best: setting.record(trials),
        trials: count(trials),
        winner: count(at + 1),
        reason: reason(inputs.by, tries, all, left),
        validation_loss: number(loss),
        validation_accuracy: share(came.validation_accuracy),
        overfitting: overfitting(all),
        tried: tries.trials.iter().enumerate().map(tried).collect(),
    })
}

/// Why the first of `left`.
fn reason(by: Watched, tries: &Tries, all: &BTreeMap<usize, Came>, left: &[usize]) -> String {
    let shown = |at: usize| {
        let came = all.get(&at)?;
        let loss = came.validation_loss?;
        Some(match by {
            Watched::ValLoss => format!("{loss:.4}"),
            Watched::ValAccuracy => format!("{:.2}%", came.validation_accuracy * 100.0),
        })
    };
    let what = match by {
        Watched::ValLoss => "the least loss",
        Watched::ValAccuracy => "the highest accuracy",
    };
    let best = left.first().copied().unwrap_or_default();
    let setting = tries.trials.get(best).map(Setting::text).unwrap_or_default();
    let value = shown(best).unwrap_or_default();
    let trials = tries.trials.len();
    let second = left.get(1).and_then(|at| Some((*at, shown(*at)?)));
    let second = second.map(|(next, value)| format!(", before trial {} with {value}", next + 1));
    let last = tries.rungs.last().map_or(0, |rung| rung.trials);
    let count = if last < trials {
        format!("{last} of {trials} were trained to the end")
    } else {
        format!("{trials} were tried")
    };
    format!(
        "trial {} ({setting}) has {what} on the validation rows, {value}{}; {count}",
        best + 1,
        second.unwrap_or_default()
    )
}

/// Of all trials that were trained to their end: each row's gain over the mean loss of all is its return.
fn overfitting(all: &BTreeMap<usize, Came>) -> Figure<suho_domain::Ratio> {
    let ended: Vec<&Vec<f64>> =
        all.values().map(|came| &came.losses).filter(|losses| !losses.is_empty()).collect();
    let rows = ended.first().map_or(0, |losses| losses.len());
    let mean = |row: usize| {
        let of = ended.iter().filter_map(|losses| losses.get(row));
        of.sum::<f64>() / ended.len() as f64
    };
    let means: Vec<f64> = (0..rows).map(mean).collect();
    let gain =
        |losses: &&Vec<f64>| losses.iter().zip(&means).map(|(loss, mean)| mean - loss).collect();
    let gains: Vec<Vec<f64>> = ended.iter().map(gain).collect();
    let measured = ValidationBlocks::new(BLOCKS)
        .and_then(|blocks| backtest_overfitting(&gains, blocks))
        .map(|measured| measured.map(|it| it.probability));
    measured.map_or_else(|error| Figure::undefined(error.to_string()), ratio)
}

#[cfg(test)]
pub(crate) mod tests;
