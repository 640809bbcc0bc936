//! L5: what scales the features knows train alone.

use std::ops::Range;

use super::{Finding, LeakCheck, LeakVerdict};

/// What a scaler subtracts and divides by, `[feature]`.
#[derive(Clone, Copy, Debug)]
pub struct Scaler<'a> {
    /// Subtracted.
    pub mean: &'a [f64],
    /// Divided by.
    pub scale: &'a [f64],
}

/// A scaler, what train says it should be, and where it was fitted.
#[derive(Clone, Debug)]
pub struct ScalerFit<'a> {
    /// The artifact's.
    pub stored: Scaler<'a>,
    /// Fitted on train just now.
    pub recomputed: Scaler<'a>,
    /// The samples that the artifact says it was fitted on.
    pub fit: Range<usize>,
    /// The samples of train.
    pub train: Range<usize>,
}

/// L5: the scaler was fitted on train alone.
///
/// `stored` is the artifact's; `recomputed` was fitted on train just now; they may differ by 1e-9
/// relative. `fit` and `train` are ranges of samples.
pub fn l5_scaler_is_of_train(
    stored: Scaler<'_>,
    recomputed: Scaler<'_>,
    fit: &Range<usize>,
    train: &Range<usize>,
) -> Finding {
    /// Largest relative difference of numbers that were summed in another order.
    const TOLERANCE: f64 = 1e-9;
    let lengths = [stored.mean, stored.scale, recomputed.mean, recomputed.scale].map(<[f64]>::len);
    let [width, ..] = lengths;
    if width == 0 || lengths.iter().any(|length| *length != width) {
        let detail = "the scaler and the features differ in number".to_owned();
        return Finding::of(LeakCheck::L5, LeakVerdict::Fail, width.max(1), detail);
    }
    // Relative to the scale: a mean may be as near to zero as it likes.
    let pairs =
        stored.mean.iter().zip(recomputed.mean).zip(stored.scale.iter().zip(recomputed.scale));
    let differs = |((mean, of_train), (scale, scale_of_train)): &((&f64, &f64), (&f64, &f64))| {
        let unit = scale_of_train.abs().max(of_train.abs());
        let is_same = (*mean - *of_train).abs() <= TOLERANCE * unit
            && (*scale - *scale_of_train).abs() <= TOLERANCE * scale_of_train.abs();
        !is_same
    };
    let count = pairs.filter(differs).count();
    let is_inside = train.start <= fit.start && fit.end <= train.end;
    let detail = format!(
        "{count} of {width} features are scaled otherwise than train says; fitted on samples \
         {}..{} of train {}..{}",
        fit.start, fit.end, train.start, train.end
    );
    Finding::strict(LeakCheck::L5, count + usize::from(!is_inside), detail)
}
