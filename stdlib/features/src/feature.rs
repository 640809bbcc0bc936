//! A feature: an indicator with its numbers, what is done to it, and its digest.

mod modifier;
mod name;
mod symbol;

use std::fmt;

use suho_domain::{Digest, Timeframe};

pub(crate) use self::modifier::{Modifier, Transform};
pub(crate) use self::name::defaults;
pub use self::name::{FeatureListError, UnknownFeature, parse, parse_list};
pub use self::symbol::SymbolKey;

use crate::family::Family;

/// One column of a model's input: an indicator with its parameters, and what is done to it.
///
/// Two features are equal when they compute the same numbers, however their names were written.
#[derive(Clone)]
pub struct Feature {
    pub(crate) family: &'static Family,
    pub(crate) parameters: Vec<usize>,
    pub(crate) modifiers: Vec<Modifier>,
    name: String,
}

impl Feature {
    /// The feature of `family` with these numbers and modifiers, under the name it has by them.
    pub(crate) fn plain(family: &'static Family, parameters: Vec<usize>) -> Self {
        let feature = Self { family, parameters, modifiers: Vec::new(), name: String::new() };
        Self { name: feature.canonical(), ..feature }
    }

    /// The name as it was written, such as `macd_histogram`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The name with every parameter, such as `macd_12_26_9_histogram`: compare and store this one.
    pub fn canonical(&self) -> String {
        let Family { base, output, .. } = self.family;
        let mut name = (*base).to_owned();
        for part in self.parameters.iter().map(usize::to_string) {
            name = name + "_" + &part;
        }
        if !output.is_empty() {
            name = name + "_" + output;
        }
        self.modifiers.iter().fold(name, |name, modifier| format!("{name}__{modifier}"))
    }

    /// The timeframe that a `__tf_` asks for; none where the feature is of the bars themselves.
    pub fn timeframe(&self) -> Option<Timeframe> {
        self.modifiers.iter().find_map(Modifier::timeframe)
    }

    /// The symbol whose bars a `__sym_` asks for; none where the feature is of the bars themselves.
    pub fn symbol(&self) -> Option<SymbolKey> {
        self.modifiers.iter().find_map(Modifier::symbol)
    }

    /// Where a `__sym_` asks for another symbol: that, the feature of its bars, under this one's name,
    /// and the modifiers of what comes of it.
    pub(crate) fn beside(&self) -> Option<(SymbolKey, Self, &[Modifier])> {
        let place = self.modifiers.iter().position(|modifier| modifier.symbol().is_some())?;
        let (before, after) = self.modifiers.split_at_checked(place)?;
        let (change, after) = after.split_first()?;
        let (family, parameters) = (self.family, self.parameters.clone());
        let inner =
            Self { family, parameters, modifiers: before.to_vec(), name: self.name.clone() };
        Some((change.symbol()?, inner, after))
    }

    /// Whether it reads when bars open, so that [`compute()`](crate::compute()) cannot answer it
    /// and [`compute_timed`](crate::compute_timed) can.
    pub fn reads_time(&self) -> bool {
        self.timeframe().is_some()
            || self.symbol().is_some()
            || self.family.inputs.contains(&crate::Input::Time)
    }

    /// Index of the first bar that has a value: so many before it are NaN. Where a `__tf_` asks
    /// for another timeframe these are its bars: see [`lookback_on`](Self::lookback_on).
    pub fn lookback(&self) -> usize {
        let shifts: usize = self.modifiers.iter().map(Modifier::lookback).sum();
        self.family_lookback() + shifts
    }

    /// Bars after the first value until it no longer matters where the history began, to 1e-6 of
    /// the feature's standard deviation; 0 for windows without memory. Where a `__tf_` asks for
    /// another timeframe these are its bars.
    pub fn unstable_margin(&self) -> usize {
        (self.family.unstable_margin)(&self.parameters)
    }

    /// [`lookback`](Self::lookback) in bars of `base`, however the longer bars lie in them; none
    /// when bars of `base` make no bars of the feature's timeframe.
    /// Of another symbol it supposes that bars of both lie side by side.
    pub fn lookback_on(&self, base: Timeframe) -> Option<usize> {
        let shifts =
            |modifiers: &[Modifier]| modifiers.iter().map(Modifier::lookback).sum::<usize>();
        if let Some((_, inner, after)) = self.beside() {
            return inner.lookback_on(base)?.checked_add(shifts(after));
        }
        let (inner, outer) = self.split_modifiers();
        // At worst the history begins one bar late in a longer bar, which is then not whole.
        let inner = self.family_lookback().checked_add(shifts(inner))?.checked_add(2)?;
        inner.checked_mul(self.ratio(base)?)?.checked_add(shifts(outer))?.checked_sub(2)
    }

    /// Bars of `base` until the feature has a value that no longer depends on where the history
    /// began; none when bars of `base` make no bars of the feature's timeframe.
    pub fn warm_up_on(&self, base: Timeframe) -> Option<usize> {
        let margin = self.unstable_margin().checked_mul(self.ratio(base)?)?;
        self.lookback_on(base)?.checked_add(margin)
    }

    /// What fixes the numbers, as one digest: formula and edge rules, parameters, first bar.
    pub fn def_digest(&self) -> Digest {
        let parameters: Vec<String> = self.parameters.iter().map(usize::to_string).collect();
        let mut definition = format!(
            "formula={}\nparameters={}\nlookback={}\n",
            self.family.formula,
            parameters.join(","),
            self.lookback()
        );
        for modifier in &self.modifiers {
            definition = format!("{definition}modifier={modifier} {}\n", modifier.formula());
        }
        Digest::of(definition.as_bytes())
    }

    /// Index of the first bar at which the indicator itself has a value.
    pub(crate) fn family_lookback(&self) -> usize {
        (self.family.lookback)(&self.parameters)
    }

    /// The modifiers of the feature's own bars, and those of the bars as they come.
    pub(crate) fn split_modifiers(&self) -> (&[Modifier], &[Modifier]) {
        let changes = |modifier: &Modifier| modifier.timeframe().is_some();
        let place = self.modifiers.iter().position(changes);
        self.modifiers.split_at_checked(place.unwrap_or(self.modifiers.len())).unwrap_or_default()
    }

    /// How many bars of `base` make one of the feature's; none when they do not divide.
    fn ratio(&self, base: Timeframe) -> Option<usize> {
        let own = self.timeframe().unwrap_or(base).minutes();
        let ratio = own.is_multiple_of(base.minutes()).then(|| own / base.minutes());
        ratio.and_then(|ratio| usize::try_from(ratio).ok())
    }
}

impl PartialEq for Feature {
    fn eq(&self, other: &Self) -> bool {
        self.canonical() == other.canonical()
    }
}

impl Eq for Feature {}

impl fmt::Debug for Feature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Feature({} = {})", self.name, self.canonical())
    }
}

impl fmt::Display for Feature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

/// How many bars at the start of a history a model must not use: the index of the first bar at
/// which every feature has a value that no longer depends on where the history began.
///
/// 447 bars for the workflow's eight features; `adx_14` is the slowest of them (27 + 30 × 14).
/// Features of another timeframe count in its bars: where there may be such, ask
/// [`warm_up_on`].
pub fn warm_up(features: &[Feature]) -> usize {
    let settled = |feature: &Feature| feature.lookback() + feature.unstable_margin();
    features.iter().map(settled).max().unwrap_or(0)
}

/// [`warm_up`] in bars of `base`, whatever timeframes the features ask for; none when bars of
/// `base` make no bars of one of them.
pub fn warm_up_on(features: &[Feature], base: Timeframe) -> Option<usize> {
    features.iter().try_fold(0, |most, feature| Some(feature.warm_up_on(base)?.max(most)))
}

/// How many bars, the newest included, are needed to compute the features of the newest bar as a
/// longer history would: [`warm_up`] and one. A sequence of `n` rows needs `n - 1` more.
pub fn history_needed(features: &[Feature]) -> usize {
    warm_up(features) + 1
}

#[cfg(test)]
mod tests;
