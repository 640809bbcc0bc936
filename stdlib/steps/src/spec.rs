//! What a pipeline's author writes, as the crates that compute take it.
//!
//! The checker has held everything against the prelude; here it only gets its types back. Where
//! the prelude allows what cannot be computed yet, that is refused with words here, before any data
//! is read.

use crate::generated::{
    Activation, Bars, Calendar, ClassWeights, EarlyStopping, Growth, Label, Layer, ModelSpec,
    Optimizer, QualityAction, RateSchedule, Split, Watched,
};
use crate::records::whole;
use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use suho_domain::Ratio;
use suho_market::{Combinatorial, LabelRule, Policy, SIGMA_BARS, Shares, SplitRule, WalkForward};
use suho_step::StepError;
use suho_train::{Adam, Metric, Patience};

impl ModelSpec {
    /// The layers as they are trained.
    pub(crate) fn layers(&self) -> Result<Vec<suho_train::Layer>, StepError> {
        self.layers.iter().map(Layer::trained).collect()
    }

    /// How weights are moved, and how far.
    pub(crate) fn stride(&self) -> Result<Stride, StepError> {
        let Optimizer::Adam { learning_rate, beta1, beta2, weight_decay, clip_norm, schedule } =
            &self.optimizer;
        let adam = Adam {
            beta1: narrow(*beta1),
            beta2: narrow(*beta2),
            weight_decay: narrow(*weight_decay),
            ..Adam::default()
        };
        let schedule = match *schedule {
            RateSchedule::Constant => suho_train::Schedule::Constant,
            RateSchedule::Step { every, factor } => {
                suho_train::Schedule::Step { every: whole("every", every)?, factor }
            }
            RateSchedule::Cosine { warm_up, least } => {
                suho_train::Schedule::Cosine { warm_up: whole("warm_up", warm_up)?, least }
            }
        };
        Ok(Stride {
            optimizer: suho_train::Optimizer::Adam(adam),
            learning_rate: *learning_rate,
            norm_max: *clip_norm,
            schedule,
        })
    }
}

/// How weights are moved, and how far.
pub(crate) struct Stride {
    pub(crate) optimizer: suho_train::Optimizer,
    pub(crate) learning_rate: f64,
    /// The longest gradient.
    pub(crate) norm_max: Option<f64>,
    pub(crate) schedule: suho_train::Schedule,
}

impl Layer {
    fn trained(&self) -> Result<suho_train::Layer, StepError> {
        use suho_train::Layer as Trained;
        Ok(match self {
            Self::Lstm { units, dropout } => {
                Trained::Lstm { units: whole("units", *units)?, dropout: dropout.to_f64() }
            }
            Self::Gru { units, dropout } => {
                Trained::Gru { units: whole("units", *units)?, dropout: dropout.to_f64() }
            }
            Self::Conv1d { filters, kernel, dilation, activation, residual, dropout } => {
                Trained::Conv1d {
                    filters: whole("filters", *filters)?,
                    kernel: whole("kernel", *kernel)?,
                    dilation: whole("dilation", *dilation)?,
                    activation: (*activation).into(),
                    residual: *residual,
                    dropout: dropout.to_f64(),
                }
            }
            Self::Positions => Trained::Positions {},
            Self::Attention { heads, dropout } => {
                Trained::Attention { heads: whole("heads", *heads)?, dropout: dropout.to_f64() }
            }
            Self::Transformer { heads, feed_forward, dropout } => Trained::Transformer {
                heads: whole("heads", *heads)?,
                feed_forward: whole("feed_forward", *feed_forward)?,
                dropout: dropout.to_f64(),
            },
            Self::LayerNorm => Trained::LayerNorm {},
            Self::Dropout { share } => Trained::Dropout { share: share.to_f64() },
            Self::Dense { units, activation, dropout } => Trained::Dense {
                units: whole("units", *units)?,
                activation: (*activation).into(),
                dropout: dropout.to_f64(),
            },
            Self::Output { units, activation } => {
                let units = whole("units", *units)?;
                Trained::Output { units, activation: (*activation).into() }
            }
        })
    }
}

impl ClassWeights {
    /// The same for classes in the order of labels: down, flat, up.
    pub(crate) fn trained(&self) -> suho_train::ClassWeights {
        match *self {
            Self::Even => suho_train::ClassWeights::Even,
            Self::Balanced => suho_train::ClassWeights::Balanced,
            Self::Weights { down, flat, up } => {
                suho_train::ClassWeights::Written([down, flat, up].map(narrow).to_vec())
            }
        }
    }
}

/// The nearest number that a network computes with.
#[expect(clippy::cast_possible_truncation, reason = "the network is trained in `f32`")]
fn narrow(wide: f64) -> f32 {
    wide as f32
}

impl From<Activation> for suho_train::Activation {
    fn from(activation: Activation) -> Self {
        match activation {
            Activation::Linear => Self::Linear,
            Activation::Relu => Self::Relu,
            Activation::Tanh => Self::Tanh,
            Activation::Softmax => Self::Softmax,
        }
    }
}

impl From<QualityAction> for Policy {
    fn from(action: QualityAction) -> Self {
        match action {
            QualityAction::Reject => Self::Reject,
            QualityAction::Repair => Self::Repair,
            QualityAction::Warn => Self::Warn,
        }
    }
}

impl From<Calendar> for suho_time::Calendar {
    fn from(calendar: Calendar) -> Self {
        match calendar {
            Calendar::Fx => Self::Fx,
            Calendar::Xnys => Self::Xnys,
            Calendar::Always => Self::Always,
        }
    }
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
    /// The rule as it is computed, and as it stands in files.
    pub(crate) fn key(&self) -> Result<LabelKey, StepError> {
        match *self {
            Self::VolScaled { window, .. } if usize::try_from(window) != Ok(SIGMA_BARS) => {
                let message = format!("a label's `window` can only be {SIGMA_BARS}, not {window}");
                Err(StepError::user("label-window", message).help("leave `window` out"))
            }
            Self::VolScaled { k, .. } => Ok(LabelKey::VolScaled { k: Number(k) }),
            Self::Fixed { threshold } => {
                Ok(LabelKey::Fixed { bps: Number(threshold.to_f64() * 10_000.0) })
            }
            Self::TripleBarrier { profit, stop } => {
                Ok(LabelKey::TripleBarrier { profit: Number(profit), stop: Number(stop) })
            }
        }
    }
}

/// A label rule as it stands in files.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum LabelKey {
    VolScaled { k: Number },
    Fixed { bps: Number },
    TripleBarrier { profit: Number, stop: Number },
}

impl LabelKey {
    pub(crate) const fn rule(self) -> LabelRule {
        match self {
            Self::VolScaled { k: Number(k) } => LabelRule::VolScaled { k },
            Self::Fixed { bps: Number(bps) } => LabelRule::Fixed { bps },
            Self::TripleBarrier { profit: Number(profit), stop: Number(stop) } => {
                LabelRule::TripleBarrier { profit, stop }
            }
        }
    }
}

/// A part of a whole: `5` of all parts, or `70%`.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq)]
#[serde(untagged)]
pub(crate) enum Share {
    Parts(u32),
    Percent(Ratio),
}

impl Bars {
    /// How many, where that is written.
    pub(crate) fn count(&self, name: &str) -> Result<Option<usize>, StepError> {
        match self {
            Self::Auto => Ok(None),
            Self::Bars { count } => whole(name, *count).map(Some),
        }
    }
}

impl Split {
    /// How samples are divided.
    pub(crate) fn rule(&self) -> Result<Division, StepError> {
        match self {
            Self::Chronological { train, validation, test, purge, embargo } => {
                let rule = SplitRule {
                    shares: shares([*train, *validation, *test])?,
                    purge: purge.count("purge")?,
                    embargo: embargo.count("embargo")?,
                    ..SplitRule::standard()
                };
                Ok(Division::Shares(rule))
            }
            Self::WalkForward { train, test, step, growth, validation, purge, embargo } => {
                let rule = WalkForward {
                    train: TimeDelta::nanoseconds(train.nanos()),
                    test: TimeDelta::nanoseconds(test.nanos()),
                    step: TimeDelta::nanoseconds(step.unwrap_or(*test).nanos()),
                    growth: (*growth).into(),
                    purge: purge.count("purge")?,
                    embargo: embargo.count("embargo")?,
                    train_min: FOLD_TRAIN_MIN,
                    test_min: FOLD_TEST_MIN,
                };
                Ok(Division::Forward { rule, validation: validation.to_f64() })
            }
            Self::Combinatorial { groups, test, validation, purge, embargo } => {
                let rule = Combinatorial {
                    groups: whole("groups", *groups)?,
                    test: whole("test", *test)?,
                    purge: purge.count("purge")?,
                    embargo: embargo.count("embargo")?,
                };
                Ok(Division::Groups { rule, validation: validation.to_f64() })
            }
        }
    }
}

/// How samples are divided.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Division {
    /// Into three parts.
    Shares(SplitRule),
    /// Into folds, one after the other in time.
    Forward { rule: WalkForward, validation: f64 },
    /// Into every choice of groups.
    Groups { rule: Combinatorial, validation: f64 },
}

impl From<Growth> for suho_market::Growth {
    fn from(growth: Growth) -> Self {
        match growth {
            Growth::Rolling => Self::Rolling,
            Growth::Expanding => Self::Expanding,
        }
    }
}

/// Fewest rows that a fold trains on, as many as the train rows of any split (domain §4.3).
const FOLD_TRAIN_MIN: usize = 1_000;
/// Fewest rows that a fold is judged by; all folds are judged together.
const FOLD_TEST_MIN: usize = 20;

/// Shares as whole parts.
fn shares(written: [Share; 3]) -> Result<Shares, StepError> {
    let parts = match written {
        [Share::Parts(train), Share::Parts(validation), Share::Parts(test)] => {
            Some((train, validation, test))
        }
        [Share::Percent(train), Share::Percent(validation), Share::Percent(test)] => {
            percent(train, validation, test)
        }
        _ => None,
    };
    let (train, validation, test) = parts.ok_or_else(|| {
        let message = "the shares of a split are neither all parts nor percentages that sum to \
                       100%";
        StepError::user("split-shares", message)
            .help("write `chronological(train: 5, validation: 1, test: 1)` or `70%, 15%, 15%`")
    })?;
    Ok(Shares { train, validation, test })
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

impl EarlyStopping {
    pub(crate) fn patience(&self) -> Result<Patience, StepError> {
        let Self::Patience { epochs, metric } = self;
        let metric = match metric {
            Watched::ValLoss => Metric::ValLoss,
            Watched::ValAccuracy => Metric::ValAccuracy,
        };
        Ok(Patience { epochs: whole("epochs", *epochs)?, metric })
    }
}

#[cfg(test)]
mod tests;
