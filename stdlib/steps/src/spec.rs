//! What a pipeline's author writes, as types: the records and enums of `ml.suho`.
//!
//! The checker has held everything against the prelude; here it only gets its types back. Where
//! the prelude allows what cannot be computed yet, that is refused with words here, before any data
//! is read.

use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use std::path::PathBuf;
use suho_domain::{Duration, Pips, Ratio, Symbol, Timeframe};
use suho_market::{LabelRule, SIGMA_BARS, Shares};
use suho_step::StepError;
use suho_train::{Activation, Adam, Layer, Metric, Optimizer, Patience};

/// A choice of an enum: `adam` and `adam(learning_rate: 0.1)` are read alike.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Choice<T>(pub(crate) T);

impl<'de, T: DeserializeOwned> Deserialize<'de> for Choice<T> {
    fn deserialize<D: Deserializer<'de>>(given: D) -> Result<Self, D::Error> {
        let json = match Json::deserialize(given)? {
            Json::String(word) => json!({ word: {} }),
            other => other,
        };
        T::deserialize(json).map(Self).map_err(D::Error::custom)
    }
}

/// What makes a model, but for its data.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct ModelSpec {
    pub(crate) target: Target,
    pub(crate) label: Choice<Label>,
    pub(crate) classes: Vec<String>,
    pub(crate) features: Vec<String>,
    pub(crate) sequence: usize,
    layers: Vec<Choice<LayerChoice>>,
    optimizer: Choice<OptimizerChoice>,
}

/// What a model predicts.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Target {
    pub(crate) symbol: Symbol,
    pub(crate) timeframe: Timeframe,
    pub(crate) horizon: Duration,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum LayerChoice {
    Lstm {
        units: usize,
        dropout: Option<Ratio>,
    },
    Dense {
        units: usize,
        #[serde(default = "relu")]
        activation: Activation,
        dropout: Option<Ratio>,
    },
    Output {
        units: usize,
        #[serde(default = "softmax")]
        activation: Activation,
    },
}

const fn relu() -> Activation {
    Activation::Relu
}

const fn softmax() -> Activation {
    Activation::Softmax
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum OptimizerChoice {
    Adam {
        #[serde(default = "learning_rate")]
        learning_rate: f64,
        beta1: Option<f32>,
        beta2: Option<f32>,
    },
}

const fn learning_rate() -> f64 {
    0.001
}

impl ModelSpec {
    /// The layers as they are trained.
    pub(crate) fn layers(&self) -> Result<Vec<Layer>, StepError> {
        let share = |dropout: Option<Ratio>| dropout.map_or(0.0, Ratio::to_f64);
        let layer = |Choice(layer): &Choice<LayerChoice>| match *layer {
            LayerChoice::Lstm { units, dropout } => {
                Ok(Layer::Lstm { units, dropout: share(dropout) })
            }
            LayerChoice::Dense { dropout, .. } if share(dropout) > 0.0 => {
                let message = "a `dense` layer cannot have `dropout` yet";
                Err(StepError::user("dense-dropout", message)
                    .help("leave it out, or give it to the last `lstm` layer"))
            }
            LayerChoice::Dense { units, activation, .. } => Ok(Layer::Dense { units, activation }),
            LayerChoice::Output { units, activation } => Ok(Layer::Output { units, activation }),
        };
        self.layers.iter().map(layer).collect()
    }

    /// How weights are moved, and how far.
    pub(crate) fn optimizer(&self) -> (Optimizer, f64) {
        let Choice(OptimizerChoice::Adam { learning_rate, beta1, beta2 }) = self.optimizer;
        let authors = Adam::default();
        let adam = Adam {
            beta1: beta1.unwrap_or(authors.beta1),
            beta2: beta2.unwrap_or(authors.beta2),
            ..authors
        };
        (Optimizer::Adam(adam), learning_rate)
    }
}

/// How a move of the price becomes a class.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Label {
    VolScaled { k: Option<Number>, window: Option<usize> },
    Fixed { threshold: Ratio },
    TripleBarrier {},
}

/// A number that compares by its bits, as text of the same number does.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
#[serde(transparent)]
pub(crate) struct Number(f64);

impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        self.0.total_cmp(&other.0).is_eq()
    }
}

impl Eq for Number {}

impl Label {
    /// The rule as it is computed.
    pub(crate) fn rule(self) -> Result<LabelRule, StepError> {
        /// With this factor calm markets give three classes of about equal size.
        const K: f64 = 0.43;
        match self {
            Self::VolScaled { window: Some(window), .. } if window != SIGMA_BARS => {
                let message = format!("a label's `window` can only be {SIGMA_BARS}, not {window}");
                Err(StepError::user("label-window", message).help("leave `window` out"))
            }
            Self::VolScaled { k, .. } => {
                Ok(LabelRule::VolScaled { k: k.map_or(K, |Number(number)| number) })
            }
            Self::Fixed { threshold } => {
                Ok(LabelRule::Fixed { bps: threshold.to_f64() * 10_000.0 })
            }
            Self::TripleBarrier {} => {
                let message = "the label `triple_barrier` cannot be computed yet";
                Err(StepError::user("label-not-computable", message)
                    .help("use `vol_scaled(k: 0.43)` or `fixed(10bps)`"))
            }
        }
    }

    /// The same label with what is not written filled in, so that equal ones compare equal.
    pub(crate) fn canonical(self) -> Result<LabelKey, StepError> {
        Ok(match self.rule()? {
            LabelRule::VolScaled { k } => LabelKey::VolScaled { k: Number(k) },
            LabelRule::Fixed { bps } => LabelKey::Fixed { bps: Number(bps) },
        })
    }
}

/// A label rule as it stands in files.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum LabelKey {
    VolScaled { k: Number },
    Fixed { bps: Number },
}

impl LabelKey {
    pub(crate) const fn rule(self) -> LabelRule {
        match self {
            Self::VolScaled { k: Number(k) } => LabelRule::VolScaled { k },
            Self::Fixed { bps: Number(bps) } => LabelRule::Fixed { bps },
        }
    }
}

/// Where bars come from.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Source {
    Parquet { path: PathBuf },
    Csv { path: PathBuf },
}

/// Which rows are for training, for choosing and for judging.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Split {
    Chronological {
        train: Share,
        validation: Share,
        test: Share,
        #[serde(default)]
        purge: Count,
        #[serde(default)]
        embargo: Count,
    },
}

impl Default for Split {
    fn default() -> Self {
        let [train, validation, test] = [5, 1, 1].map(Share::Parts);
        Self::Chronological { train, validation, test, purge: Count::Auto, embargo: Count::Auto }
    }
}

/// A part of a whole: `5` of all parts, or `70%`.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum Share {
    Parts(u32),
    Percent(Ratio),
}

/// A number of bars, or the fewest that are safe.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) enum Count {
    #[default]
    Auto,
    Bars(usize),
}

impl<'de> Deserialize<'de> for Count {
    fn deserialize<D: Deserializer<'de>>(given: D) -> Result<Self, D::Error> {
        let json = Json::deserialize(given)?;
        let number = json.pointer("/bars/count").unwrap_or(&json);
        match (json.as_str(), number.as_u64().map(usize::try_from)) {
            (Some("auto"), _) => Ok(Self::Auto),
            (None, Some(Ok(bars))) => Ok(Self::Bars(bars)),
            _ => Err(D::Error::custom("neither `auto` nor a number of bars")),
        }
    }
}

impl Count {
    pub(crate) const fn bars(self) -> Option<usize> {
        match self {
            Self::Auto => None,
            Self::Bars(bars) => Some(bars),
        }
    }
}

impl Split {
    /// The shares as whole parts, and the bars of purge and embargo where they are written.
    pub(crate) fn shares(&self) -> Result<(Shares, Option<usize>, Option<usize>), StepError> {
        let Self::Chronological { train, validation, test, purge, embargo } = self;
        let parts = match (train, validation, test) {
            (Share::Parts(train), Share::Parts(validation), Share::Parts(test)) => {
                Some((*train, *validation, *test))
            }
            (Share::Percent(train), Share::Percent(validation), Share::Percent(test)) => {
                percent(*train, *validation, *test)
            }
            _ => None,
        };
        let Some((train, validation, test)) = parts else {
            return Err(StepError::user(
                "split-shares",
                "the shares of a split are neither all parts nor percentages that sum to 100%",
            )
            .help("write `chronological(train: 5, validation: 1, test: 1)` or `70%, 15%, 15%`"));
        };
        Ok((Shares { train, validation, test }, purge.bars(), embargo.bars()))
    }
}

/// Percentages in hundredths of a percent, when they are all of the whole.
fn percent(train: Ratio, validation: Ratio, test: Ratio) -> Option<(u32, u32, u32)> {
    let whole = |ratio: Ratio| {
        let number = ratio.number().checked_mul(10_000.into())?;
        let is_whole = number.fract().is_zero();
        u32::try_from(number).ok().filter(|_| is_whole)
    };
    let (train, validation, test) = (whole(train)?, whole(validation)?, whole(test)?);
    (train.checked_add(validation)?.checked_add(test)? == 10_000)
        .then_some((train, validation, test))
}

/// When training ends before its last epoch.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum EarlyStopping {
    Patience {
        epochs: usize,
        #[serde(default)]
        metric: Metric,
    },
}

impl EarlyStopping {
    pub(crate) const fn patience(self) -> Patience {
        let Self::Patience { epochs, metric } = self;
        Patience { epochs, metric }
    }
}

/// What trading costs.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Costs {
    pub(crate) name: String,
    pub(crate) commission: Option<Ratio>,
    pub(crate) spread: BTreeMap<String, Pips>,
    pub(crate) slippage: Option<Pips>,
    pub(crate) swap: Option<Choice<Swap>>,
}

/// What holding a position overnight costs (below zero) or earns.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Swap {
    Daily { long: Pips, short: Pips },
}

#[cfg(test)]
mod tests;
