//! What a sweep tries, decided before anything is trained: the settings, trial by trial, and how long
//! each is trained before the next choice among them.

use crate::generated::{Counts, Numbers, Search, Shares, Space};
use crate::records::whole;
use crate::tuning::{Knob, Setting, nearest};
use suho_domain::{Digest, Ratio};
use suho_step::StepError;

/// Trials of one sweep at most.
const TRIALS_MAX: usize = 1_000;

/// What is tried, and how.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Tries {
    /// The settings, in order: trial 1 is the first.
    pub(crate) trials: Vec<Setting>,
    /// How many of them are trained how far; the first of all, each of the best of the one before.
    pub(crate) rungs: Vec<Rung>,
}

/// A stretch of training after which the worst are left.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Rung {
    /// How many trials are trained.
    pub(crate) trials: usize,
    /// Up to which epoch.
    pub(crate) epochs: usize,
}

impl Tries {
    /// What `search` tries of `space`, for at most `epochs` each.
    pub(crate) fn of(
        space: &Space,
        search: &Search,
        epochs: usize,
        seed: i64,
    ) -> Result<Self, StepError> {
        let dimensions = dimensions(space)?;
        let (trials, factor) = match search {
            Search::Grid => (grid(&dimensions)?, None),
            Search::Random { trials } => (random(&dimensions, *trials, seed)?, None),
            Search::Halving { trials, factor } => {
                (random(&dimensions, *trials, seed)?, Some(whole("factor", *factor)?))
            }
        };
        let rungs = match factor {
            None => vec![Rung { trials: trials.len(), epochs }],
            Some(factor @ 2..) => halving(trials.len(), factor, epochs),
            Some(factor) => {
                let message = format!("the `factor` of a halving is {factor}");
                return Err(StepError::user("bad-setting", message)
                    .help("write a `factor` of 2 or more: the best one in so many goes on"));
            }
        };
        Ok(Self { trials, rungs })
    }

    /// Epochs of all trials together, at most.
    pub(crate) fn epochs(&self) -> usize {
        let before = std::iter::once(0).chain(self.rungs.iter().map(|rung| rung.epochs));
        let each = self.rungs.iter().zip(before);
        each.map(|(rung, before)| rung.trials * rung.epochs.saturating_sub(before)).sum()
    }
}

/// From all trials for a few epochs to one for all of them.
///
/// Source: Jamieson & Talwalkar (2016), with the same epochs for each survivor of a rung.
fn halving(trials: usize, factor: usize, epochs: usize) -> Vec<Rung> {
    let mut left = vec![trials];
    while let Some(more) = left.last().copied().filter(|left| *left > 1) {
        left.push(more.div_ceil(factor));
    }
    let mut share = 1;
    let mut rungs: Vec<Rung> = Vec::new();
    for trials in left.into_iter().rev() {
        rungs.push(Rung { trials, epochs: epochs.div_ceil(share).max(1) });
        share = share.saturating_mul(factor);
    }
    rungs.reverse();
    rungs
}

/// One knob with what it may be set to.
struct Dimension {
    knob: Knob,
    reach: Reach,
}

/// What a knob may be set to.
enum Reach {
    OneOf(Vec<f64>),
    Between { least: f64, most: f64, points: usize },
    Scale { least: f64, most: f64, points: usize },
}

impl Dimension {
    /// What a grid takes.
    fn points(&self) -> Vec<f64> {
        let share = |at: usize, points: usize| match points {
            0 | 1 => 0.0,
            _ => at as f64 / (points - 1) as f64,
        };
        let mut points: Vec<f64> = match &self.reach {
            Reach::OneOf(values) => values.clone(),
            Reach::Between { points, .. } | Reach::Scale { points, .. } => {
                (0..*points).map(|at| self.at(share(at, *points))).collect()
            }
        };
        points.dedup();
        points
    }

    /// What stands `unit`, `0..=1`, of the way from one end to the other.
    fn at(&self, unit: f64) -> f64 {
        let value = match &self.reach {
            Reach::OneOf(values) => {
                let of = values.len() as f64;
                let is_there = |(at, _): &(usize, &f64)| unit < (*at + 1) as f64 / of;
                let found = values.iter().enumerate().find(is_there).map(|(_, value)| *value);
                return found.or_else(|| values.last().copied()).unwrap_or(f64::NAN);
            }
            Reach::Between { least, most, .. } => least + unit * (most - least),
            Reach::Scale { least, most, .. } => {
                (least.ln() + unit * (most.ln() - least.ln())).exp()
            }
        };
        match self.knob {
            Knob::BatchSize => nearest(value) as f64,
            _ => short(value),
        }
    }
}

/// `value` to four digits: what a person can read, write and try again.
fn short(value: f64) -> f64 {
    format!("{value:.3e}").parse().unwrap_or(value)
}

fn dimensions(space: &Space) -> Result<Vec<Dimension>, StepError> {
    let Space { learning_rate, weight_decay, batch_size, width, dropout, label_smoothing } = space;
    let all = [
        (Knob::LearningRate, learning_rate.as_ref().map(Numbers::reach).transpose()?),
        (Knob::WeightDecay, weight_decay.as_ref().map(Numbers::reach).transpose()?),
        (Knob::BatchSize, batch_size.as_ref().map(Counts::reach).transpose()?),
        (Knob::Width, width.as_ref().map(Numbers::reach).transpose()?),
        (Knob::Dropout, dropout.as_ref().map(Shares::reach).transpose()?),
        (Knob::LabelSmoothing, label_smoothing.as_ref().map(Shares::reach).transpose()?),
    ];
    let dimensions: Vec<Dimension> = all
        .into_iter()
        .filter_map(|(knob, reach)| Some(Dimension { knob, reach: reach? }))
        .collect();
    if dimensions.is_empty() {
        let message = "the sweep is given nothing to try";
        return Err(StepError::user("nothing-to-try", message)
            .help("write `over = { learning_rate = one_of([0.001, 0.003]) }`"));
    }
    dimensions.iter().try_for_each(Dimension::check)?;
    Ok(dimensions)
}

impl Dimension {
    fn check(&self) -> Result<(), StepError> {
        let name = self.knob.name();
        let refused = |why: String| {
            Err(StepError::user("bad-range", format!("`{name}` {why}")).help(
                "write `one_of([…])`, or `between(least, most)` with the smaller number first",
            ))
        };
        let (ends, points) = match &self.reach {
            Reach::OneOf(values) => (values.clone(), values.len()),
            Reach::Between { least, most, points } | Reach::Scale { least, most, points } => {
                if least > most {
                    return refused(format!("goes from {least} down to {most}"));
                }
                (vec![*least, *most], *points)
            }
        };
        if points == 0 {
            return refused("has no value to try".to_owned());
        }
        if matches!(self.reach, Reach::Scale { .. }) && ends.iter().any(|end| *end <= 0.0) {
            return refused("has no order of magnitude at 0 or below".to_owned());
        }
        let (allowed, words): (fn(f64) -> bool, _) = match self.knob {
            Knob::LearningRate | Knob::Width => (|value| value > 0.0, "above 0"),
            Knob::BatchSize => (|value| value >= 1.0, "1 or more"),
            Knob::WeightDecay => (|value| value >= 0.0, "0 or more"),
            Knob::Dropout | Knob::LabelSmoothing => {
                (|value| (0.0..1.0).contains(&value), "from 0% to below 100%")
            }
        };
        match ends.iter().find(|end| !(end.is_finite() && allowed(**end))) {
            Some(end) => refused(format!("may be {end}, and has to be {words}")),
            None => Ok(()),
        }
    }
}

impl Numbers {
    fn reach(&self) -> Result<Reach, StepError> {
        Ok(match self {
            Self::OneOf { values } => Reach::OneOf(values.clone()),
            Self::Between { least, most, points } => {
                Reach::Between { least: *least, most: *most, points: whole("points", *points)? }
            }
            Self::Scale { least, most, points } => {
                Reach::Scale { least: *least, most: *most, points: whole("points", *points)? }
            }
        })
    }
}

impl Counts {
    fn reach(&self) -> Result<Reach, StepError> {
        Ok(match self {
            Self::OneOf { values } => {
                Reach::OneOf(values.iter().map(|value| *value as f64).collect())
            }
            Self::Between { least, most, points } => Reach::Between {
                least: *least as f64,
                most: *most as f64,
                points: whole("points", *points)?,
            },
        })
    }
}

impl Shares {
    fn reach(&self) -> Result<Reach, StepError> {
        Ok(match self {
            Self::OneOf { values } => Reach::OneOf(values.iter().map(|it| it.to_f64()).collect()),
            Self::Between { least, most, points } => {
                let (least, most): (&Ratio, &Ratio) = (least, most);
                let points = whole("points", *points)?;
                Reach::Between { least: least.to_f64(), most: most.to_f64(), points }
            }
        })
    }
}

/// Every combination, the last knob turning fastest.
fn grid(dimensions: &[Dimension]) -> Result<Vec<Setting>, StepError> {
    let points: Vec<(Knob, Vec<f64>)> =
        dimensions.iter().map(|dimension| (dimension.knob, dimension.points())).collect();
    let count = points.iter().fold(1_usize, |count, (_, of)| count.saturating_mul(of.len()));
    few(count)?;
    let mut all = vec![Setting::default()];
    for (knob, values) in &points {
        let with = |before: &Setting| -> Vec<Setting> {
            let and = |value: &f64| {
                let mut setting = before.clone();
                setting.0.push((*knob, *value));
                setting
            };
            values.iter().map(and).collect()
        };
        all = all.iter().flat_map(with).collect();
    }
    Ok(all)
}

/// So many drawn ones, each different.
fn random(dimensions: &[Dimension], trials: i64, seed: i64) -> Result<Vec<Setting>, StepError> {
    let wanted = whole("trials", trials)?;
    few(wanted)?;
    let mut all: Vec<Setting> = Vec::new();
    // Where little can be tried, the same is drawn again and again.
    for draw in 0..wanted.saturating_mul(20) {
        let of = |each: &Dimension| (each.knob, each.at(drawn(seed, draw, each.knob)));
        let setting = Setting(dimensions.iter().map(of).collect());
        if all.len() < wanted && !all.contains(&setting) {
            all.push(setting);
        }
    }
    Ok(all)
}

fn few(trials: usize) -> Result<(), StepError> {
    match trials {
        0 => Err(StepError::user("nothing-to-try", "the sweep has no trials")
            .help("write `trials` of 1 or more")),
        1..=TRIALS_MAX => Ok(()),
        _ => {
            let message =
                format!("the sweep would have {trials} trials, and {TRIALS_MAX} are the most");
            Err(StepError::user("too-many-trials", message)
                .help("write fewer `points`, or `search = random(trials: 50)`"))
        }
    }
}

/// A number in `0..1` that follows from the seed, the draw and the knob alone.
fn drawn(seed: i64, draw: usize, knob: Knob) -> f64 {
    let digest = Digest::of(format!("sweep {seed} {draw} {}", knob.name()).as_bytes());
    let bits = digest.hex().get(..13).and_then(|hex| u64::from_str_radix(hex, 16).ok());
    bits.unwrap_or(0) as f64 / (1_u64 << 52) as f64
}

#[cfg(test)]
mod tests;
