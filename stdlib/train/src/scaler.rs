//! Standard scaling: each feature less its mean, over its standard deviation, both of the training rows.

#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};
use suho_domain::Fault;

use crate::random::narrow;

/// What was learnt about each feature from the training rows.
///
/// In a file: `{"kind":"standard","features":[…],"mean":[…],"scale":[…],"fit_rows":…,"fit_range":[…]}`,
/// numbers in the shortest form that reads back to the same bits.
///
/// Invariant: one mean and one scale a feature, finite, scales above 0; names distinct; one row or more.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(try_from = "Draft", into = "Draft")]
pub struct Scaler {
    features: Vec<String>,
    mean: Vec<f64>,
    scale: Vec<f64>,
    fit_rows: usize,
    fit_range: [i64; 2],
}

impl Scaler {
    /// Learns from `rows` `[row, feature]`, raw, row after row, and from nothing else.
    ///
    /// `fit_range`: the first and the last row's time, in µs since 1970 UTC; it is only recorded.
    /// The scale is the standard deviation (ddof = 0), or 1 where a feature does not vary.
    ///
    /// # Errors
    /// When there is no row, no whole row, or a value that is not finite.
    ///
    /// Source: agrees with scikit-learn's `StandardScaler` to 10⁻¹², which also takes a variance within
    /// the rounding of its own sum as none.
    pub fn fit(
        features: Vec<String>,
        rows: &[f64],
        fit_range: [i64; 2],
    ) -> Result<Self, ScalerError> {
        let width = features.len();
        check_width(rows.len(), width)?;
        let fit_rows = rows.len() / width;
        if fit_rows == 0 {
            return Err(ScalerError::NoRows);
        }
        let (mut mean, mut scale) = (Vec::with_capacity(width), Vec::with_capacity(width));
        for (at, feature) in features.iter().enumerate() {
            let column = || rows.iter().skip(at).step_by(width);
            if !column().all(|value| value.is_finite()) {
                return Err(ScalerError::NotFinite { feature: feature.clone() });
            }
            let (of, by) = mean_and_scale(column, fit_rows as f64);
            mean.push(of);
            scale.push(by);
        }
        Draft { kind: Kind::Standard, features, mean, scale, fit_rows, fit_range }.try_into()
    }

    /// Names of the features, in order.
    pub fn features(&self) -> &[String] {
        &self.features
    }

    /// Each feature's mean over the training rows.
    pub fn mean(&self) -> &[f64] {
        &self.mean
    }

    /// By what each feature is divided, above 0.
    pub fn scale(&self) -> &[f64] {
        &self.scale
    }

    /// How many rows it was fitted to.
    pub fn fit_rows(&self) -> usize {
        self.fit_rows
    }

    /// The times of the first and the last of them, in µs since 1970 UTC.
    pub fn fit_range(&self) -> [i64; 2] {
        self.fit_range
    }

    /// Scales `rows` `[row, feature]`; the difference and the quotient are taken in f64. What is not
    /// finite stays so.
    ///
    /// # Errors
    /// When the values make no whole rows.
    pub fn transform(&self, rows: &[f64]) -> Result<Vec<f32>, ScalerError> {
        check_width(rows.len(), self.features.len())?;
        let parameters = self.mean.iter().zip(&self.scale).cycle();
        Ok(rows
            .iter()
            .zip(parameters)
            .map(|(x, (mean, scale))| narrow((x - mean) / scale))
            .collect())
    }
}

/// The mean and the scale of one column of `count` values.
fn mean_and_scale<'a, I: Iterator<Item = &'a f64>>(
    column: impl Fn() -> I,
    count: f64,
) -> (f64, f64) {
    let mean = column().sum::<f64>() / count;
    // The second sum takes away what rounding has left in the mean (Chan, Golub & LeVeque, 1983).
    let (squares, rest) = column().fold((0.0, 0.0), |(squares, rest), value| {
        let off = value - mean;
        (squares + off * off, rest + off)
    });
    let variance = (squares - rest * rest / count) / count;
    let rounding = count * f64::EPSILON * variance + (count * mean * f64::EPSILON).powi(2);
    (mean, if variance <= rounding { 1.0 } else { variance.sqrt() })
}

fn check_width(values: usize, features: usize) -> Result<(), ScalerError> {
    if features == 0 || !values.is_multiple_of(features) {
        return Err(ScalerError::Width { values, features });
    }
    Ok(())
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Standard,
}

/// The unchecked form that stands in files.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Draft {
    kind: Kind,
    features: Vec<String>,
    mean: Vec<f64>,
    scale: Vec<f64>,
    fit_rows: usize,
    fit_range: [i64; 2],
}

impl TryFrom<Draft> for Scaler {
    type Error = ScalerError;

    fn try_from(draft: Draft) -> Result<Self, ScalerError> {
        let Draft { kind: Kind::Standard, features, mean, scale, fit_rows, fit_range } = draft;
        let width = features.len();
        for values in [mean.len(), scale.len()] {
            if width == 0 || values != width {
                return Err(ScalerError::Width { values, features: width });
            }
        }
        if fit_rows == 0 {
            return Err(ScalerError::NoRows);
        }
        for (at, feature) in features.iter().enumerate() {
            if features.iter().skip(at + 1).any(|other| other == feature) {
                return Err(ScalerError::FeatureTwice { feature: feature.clone() });
            }
        }
        for ((feature, mean), scale) in features.iter().zip(&mean).zip(&scale) {
            if !mean.is_finite() || !scale.is_finite() || *scale <= 0.0 {
                return Err(ScalerError::NotFinite { feature: feature.clone() });
            }
        }
        Ok(Self { features, mean, scale, fit_rows, fit_range })
    }
}

impl From<Scaler> for Draft {
    fn from(scaler: Scaler) -> Self {
        let Scaler { features, mean, scale, fit_rows, fit_range } = scaler;
        Self { kind: Kind::Standard, features, mean, scale, fit_rows, fit_range }
    }
}

/// Why there is no scaler, or nothing scaled.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum ScalerError {
    /// Values that make no whole rows. `Bug`.
    #[error("{values} values make no rows of {features} features")]
    Width {
        /// How many values.
        values: usize,
        /// Features of a row.
        features: usize,
    },
    /// Nothing to learn from. `User`.
    #[error("there is no row to fit the scaler to")]
    NoRows,
    /// Two features have one name. `User`.
    #[error("feature `{feature}` is named twice")]
    FeatureTwice {
        /// The name.
        feature: String,
    },
    /// A value, a mean or a scale that cannot be computed with. `User`.
    #[error("feature `{feature}` has a value, a mean or a scale out of range")]
    NotFinite {
        /// The feature.
        feature: String,
    },
}

impl ScalerError {
    /// Who has to act.
    pub fn fault(&self) -> Fault {
        match self {
            Self::Width { .. } => Fault::Bug,
            Self::NoRows | Self::FeatureTwice { .. } | Self::NotFinite { .. } => Fault::User,
        }
    }
}
