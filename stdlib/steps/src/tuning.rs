//! What can be searched for in a model and its training: a knob, what it is set to, and a declaration
//! with knobs set otherwise.
//!
//! A sweep picks settings, and `train` is given them; both set a declaration here.

use crate::failure;
use crate::figure::{Figure, number};
use crate::generated::{Layer, ModelSpec, Optimizer, Settings};
use serde::{Deserialize, Serialize};
use suho_domain::{Fault, Ratio};
use suho_step::StepError;

/// What can be searched for.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Knob {
    LearningRate,
    WeightDecay,
    BatchSize,
    Width,
    Dropout,
    LabelSmoothing,
}

impl Knob {
    /// As the prelude calls it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::LearningRate => "learning_rate",
            Self::WeightDecay => "weight_decay",
            Self::BatchSize => "batch_size",
            Self::Width => "width",
            Self::Dropout => "dropout",
            Self::LabelSmoothing => "label_smoothing",
        }
    }

    /// `value` as a person writes it.
    fn shown(self, value: f64) -> String {
        match self {
            Self::Dropout | Self::LabelSmoothing => {
                Ratio::measured(value).map_or_else(|| value.to_string(), |share| share.to_string())
            }
            _ => value.to_string(),
        }
    }
}

/// Knobs with what they are set to, each once.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
pub(crate) struct Setting(pub(crate) Vec<(Knob, f64)>);

impl Setting {
    fn get(&self, knob: Knob) -> Option<f64> {
        self.0.iter().find(|(of, _)| *of == knob).map(|(_, value)| *value)
    }

    /// `learning_rate 0.003, dropout 20%`.
    pub(crate) fn text(&self) -> String {
        let each =
            self.0.iter().map(|(knob, value)| format!("{} {}", knob.name(), knob.shown(*value)));
        each.collect::<Vec<_>>().join(", ")
    }

    /// The same for a pipeline, picked from `trials`.
    pub(crate) fn record(&self, trials: usize) -> Settings {
        let plain = |knob| self.get(knob).map(number);
        let share = |knob| self.get(knob).map(crate::figure::share);
        Settings {
            learning_rate: plain(Knob::LearningRate),
            weight_decay: plain(Knob::WeightDecay),
            batch_size: self.get(Knob::BatchSize).map(|value| Figure::Defined(nearest(value))),
            width: plain(Knob::Width),
            dropout: share(Knob::Dropout),
            label_smoothing: share(Knob::LabelSmoothing),
            trials: crate::figure::count(trials),
        }
    }

    /// What a sweep found.
    pub(crate) fn found(settings: &Settings) -> Result<Self, StepError> {
        let Settings {
            learning_rate,
            weight_decay,
            batch_size,
            width,
            dropout,
            label_smoothing,
            ..
        } = settings;
        let whole = defined(batch_size.as_ref())?.map(|count| *count as f64);
        let share = |figure: Option<&Figure<Ratio>>| -> Result<Option<f64>, StepError> {
            Ok(defined(figure)?.map(|share| share.to_f64()))
        };
        let all = [
            (Knob::LearningRate, defined(learning_rate.as_ref())?.copied()),
            (Knob::WeightDecay, defined(weight_decay.as_ref())?.copied()),
            (Knob::BatchSize, whole),
            (Knob::Width, defined(width.as_ref())?.copied()),
            (Knob::Dropout, share(dropout.as_ref())?),
            (Knob::LabelSmoothing, share(label_smoothing.as_ref())?),
        ];
        Ok(Self(all.into_iter().filter_map(|(knob, value)| Some((knob, value?))).collect()))
    }

    /// `declared` with its knobs set to these.
    pub(crate) fn of(&self, declared: &Declared) -> Result<Declared, StepError> {
        let mut set = declared.clone();
        for (knob, value) in &self.0 {
            set.turn(*knob, *value)?;
        }
        Ok(set)
    }
}

fn defined<T>(figure: Option<&Figure<T>>) -> Result<Option<&T>, StepError> {
    match figure {
        None => Ok(None),
        Some(Figure::Defined(value)) => Ok(Some(value)),
        Some(Figure::Undefined { undefined }) => {
            let message = format!("what was searched for has no answer: {undefined}");
            Err(StepError::user("not-tuned", message))
        }
    }
}

/// All of a training's declaration that knobs turn.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Declared {
    pub(crate) model: ModelSpec,
    pub(crate) batch_size: i64,
    pub(crate) label_smoothing: Ratio,
}

impl Declared {
    fn turn(&mut self, knob: Knob, value: f64) -> Result<(), StepError> {
        let Optimizer::Adam { learning_rate, weight_decay, .. } = &mut self.model.optimizer;
        match knob {
            Knob::LearningRate => *learning_rate = value,
            Knob::WeightDecay => *weight_decay = value,
            Knob::BatchSize => self.batch_size = nearest(value),
            Knob::Width => self.model.layers.iter_mut().for_each(|layer| widen(layer, value)),
            Knob::Dropout => {
                let share = part(knob, value)?;
                self.model.layers.iter_mut().for_each(|layer| silence(layer, share));
            }
            Knob::LabelSmoothing => self.label_smoothing = part(knob, value)?,
        }
        Ok(())
    }
}

fn part(knob: Knob, value: f64) -> Result<Ratio, StepError> {
    Ratio::measured(value).ok_or_else(|| {
        let message = format!("`{}` cannot be {value}", knob.name());
        StepError::new(failure::class(Fault::User), "bad-range", message)
    })
}

/// The nearest whole number; the largest where there is none.
pub(crate) fn nearest(value: f64) -> i64 {
    let whole = Ratio::measured(value).and_then(|it| i64::try_from(it.number().round()).ok());
    whole.unwrap_or(i64::MAX)
}

/// Multiplies what a hidden layer is wide, to at least 1.
fn widen(layer: &mut Layer, factor: f64) {
    let width = match layer {
        Layer::Lstm { units, .. } | Layer::Gru { units, .. } | Layer::Dense { units, .. } => units,
        Layer::Conv1d { filters, .. } => filters,
        Layer::Transformer { feed_forward, .. } => feed_forward,
        Layer::Positions
        | Layer::Attention { .. }
        | Layer::LayerNorm
        | Layer::Dropout { .. }
        | Layer::Output { .. } => return,
    };
    *width = nearest(*width as f64 * factor).max(1);
}

/// Sets the share that a layer silences, where it silences any.
fn silence(layer: &mut Layer, share: Ratio) {
    let was = match layer {
        Layer::Lstm { dropout, .. }
        | Layer::Gru { dropout, .. }
        | Layer::Conv1d { dropout, .. }
        | Layer::Attention { dropout, .. }
        | Layer::Transformer { dropout, .. }
        | Layer::Dense { dropout, .. }
        | Layer::Dropout { share: dropout } => dropout,
        Layer::Positions | Layer::LayerNorm | Layer::Output { .. } => return,
    };
    if !was.number().is_zero() {
        *was = share;
    }
}

#[cfg(test)]
mod tests;
