//! A feature by name: parsing, canonical spelling, digest, and the listing of the catalogue.

use std::collections::BTreeMap;
use std::fmt;

use suho_domain::{Digest, Fault};

use crate::family::{FAMILIES, Family, Parameter};

/// One column of a model's input: an indicator with its parameters.
///
/// Two features are equal when they compute the same numbers, however their names were written.
#[derive(Clone)]
pub struct Feature {
    pub(crate) family: &'static Family,
    pub(crate) parameters: Vec<usize>,
    name: String,
}

impl Feature {
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
        if output.is_empty() { name } else { name + "_" + output }
    }

    /// Index of the first bar that has a value: so many before it are NaN.
    pub fn lookback(&self) -> usize {
        (self.family.lookback)(&self.parameters)
    }

    /// Bars after the first value until it no longer matters where the history began, to 1e-6 of
    /// the feature's standard deviation; 0 for windows without memory.
    pub fn unstable_margin(&self) -> usize {
        (self.family.unstable_margin)(&self.parameters)
    }

    /// What fixes the numbers, as one digest: formula and edge rules, parameters, first bar.
    pub fn def_digest(&self) -> Digest {
        let parameters: Vec<String> = self.parameters.iter().map(usize::to_string).collect();
        let definition = format!(
            "formula={}\nparameters={}\nlookback={}\n",
            self.family.formula,
            parameters.join(","),
            self.lookback()
        );
        Digest::of(definition.as_bytes())
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

/// A name that the catalogue does not have.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum UnknownFeature {
    /// No family has that name.
    #[error("no feature `{name}`{}", suggestion(nearest.as_deref()))]
    Name {
        /// What was asked for.
        name: String,
        /// The listed feature whose name is nearest, where one is near enough to be worth naming.
        nearest: Option<String>,
    },
    /// The family is there, its numbers are not right.
    #[error("`{name}` does not take these numbers: {usage}")]
    Parameters {
        /// What was asked for.
        name: String,
        /// The family's spelling with the ranges of its parameters.
        usage: String,
    },
}

fn suggestion(nearest: Option<&str>) -> String {
    nearest.map_or_else(String::new, |name| format!("; did you mean `{name}`?"))
}

impl UnknownFeature {
    /// The pipeline's author wrote the name.
    pub const fn fault(&self) -> Fault {
        Fault::User
    }
}

/// Why a list of names is no feature set.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum FeatureListError {
    /// A name that the catalogue does not have.
    #[error(transparent)]
    Unknown(#[from] UnknownFeature),
    /// Two names of one feature.
    #[error("`{second}` is the same feature as `{first}`: both are `{canonical}`")]
    Duplicate {
        /// The earlier of the two names.
        first: String,
        /// The later of the two names.
        second: String,
        /// What both stand for.
        canonical: String,
    },
}

impl FeatureListError {
    /// The pipeline's author wrote the list.
    pub const fn fault(&self) -> Fault {
        Fault::User
    }
}

/// The feature called `name`: the indicator, its whole-number parameters and its output, joined by
/// `_`. All parameters are given, or none for the defaults: `stoch_k` is `stoch_14_3_3_k`.
///
/// # Errors
/// When there is no such indicator (with the nearest name that there is), or the numbers are too
/// many, too few or out of range (with how to write them).
pub fn parse(name: &str) -> Result<Feature, UnknownFeature> {
    let spellings = FAMILIES.iter().filter_map(|family| Some((family, numbers(family, name)?)));
    // At most one: no family's base and output are another's with numbers between them.
    let Some((family, numbers)) = spellings.into_iter().next() else {
        return Err(UnknownFeature::Name { name: name.to_owned(), nearest: nearest(name) });
    };
    let parameters = if numbers.is_empty() { defaults(family) } else { numbers };
    let fits =
        |(value, parameter): (&usize, &Parameter)| (parameter.min..=parameter.max).contains(value);
    let is_whole = parameters.len() == family.parameters.len();
    if !is_whole || !parameters.iter().zip(family.parameters).all(fits) {
        return Err(UnknownFeature::Parameters { name: name.to_owned(), usage: usage(family) });
    }
    Ok(Feature { family, parameters, name: name.to_owned() })
}

/// The features called `names`, in that order.
///
/// # Errors
/// When a name is unknown, or two of them mean the same feature.
pub fn parse_list<S: AsRef<str>>(names: &[S]) -> Result<Vec<Feature>, FeatureListError> {
    let mut seen: BTreeMap<String, &str> = BTreeMap::new();
    let mut features = Vec::with_capacity(names.len());
    for name in names.iter().map(AsRef::as_ref) {
        let feature = parse(name)?;
        let canonical = feature.canonical();
        if let Some(first) = seen.get(&canonical) {
            let (first, second) = ((*first).to_owned(), name.to_owned());
            return Err(FeatureListError::Duplicate { first, second, canonical });
        }
        seen.insert(canonical, name);
        features.push(feature);
    }
    Ok(features)
}

/// How many bars at the start of a history a model must not use: the index of the first bar at
/// which every feature has a value that no longer depends on where the history began.
///
/// 447 bars for the workflow's eight features; `adx_14` is the slowest of them (27 + 30 × 14).
pub fn warm_up(features: &[Feature]) -> usize {
    let settled = |feature: &Feature| feature.lookback() + feature.unstable_margin();
    features.iter().map(settled).max().unwrap_or(0)
}

/// How many bars, the newest included, are needed to compute the features of the newest bar as a
/// longer history would: [`warm_up`] and one. A sequence of `n` rows needs `n - 1` more.
pub fn history_needed(features: &[Feature]) -> usize {
    warm_up(features) + 1
}

/// The numbers between the family's base and output in `name`; `None` when it is not the family's.
fn numbers(family: &Family, name: &str) -> Option<Vec<usize>> {
    let rest = name.strip_prefix(family.base)?;
    let rest = match family.output {
        "" => rest,
        output => rest.strip_suffix(output)?.strip_suffix('_')?,
    };
    let number = |text: &str| {
        let is_plain = text.bytes().all(|byte| byte.is_ascii_digit()) && !text.starts_with('0');
        is_plain.then(|| text.parse().ok()).flatten()
    };
    match rest.strip_prefix('_') {
        Some(rest) => rest.split('_').map(number).collect(),
        None => rest.is_empty().then(Vec::new),
    }
}

fn defaults(family: &Family) -> Vec<usize> {
    family.parameters.iter().map(|parameter| parameter.default).collect()
}

fn usage(family: &Family) -> String {
    let Family { base, output, parameters, .. } = family;
    if parameters.is_empty() {
        return format!("write `{base}`");
    }
    let mut spelling = (*base).to_owned();
    let mut ranges = Vec::new();
    for Parameter { name, min, max, .. } in *parameters {
        spelling = spelling + "_<" + name + ">";
        ranges.push(format!("{name} in {min}..={max}"));
    }
    if !output.is_empty() {
        spelling = spelling + "_" + output;
    }
    format!("write `{spelling}` with {}", ranges.join(", "))
}

fn listed_name(family: &'static Family) -> String {
    let feature = Feature { family, parameters: defaults(family), name: String::new() };
    if family.is_listed_with_numbers || family.parameters.is_empty() {
        return feature.canonical();
    }
    match family.output {
        "" => family.base.to_owned(),
        output => format!("{}_{output}", family.base),
    }
}

fn nearest(name: &str) -> Option<String> {
    /// Below this likeness (0 to 1) a suggestion confuses more than it helps.
    const LIKENESS_MIN: f64 = 0.75;
    FAMILIES
        .iter()
        .map(listed_name)
        .map(|listed| (strsim::jaro_winkler(&name.to_lowercase(), &listed), listed))
        .filter(|(likeness, _)| *likeness >= LIKENESS_MIN)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, listed)| listed)
}

/// One row of the catalogue's documentation.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Entry {
    /// The name under which it is listed: with default parameters.
    pub name: String,
    /// The same with every parameter written.
    pub canonical: String,
    /// One line.
    pub summary: &'static str,
    /// The formula and what it answers where the formula has no answer.
    pub definition: &'static str,
    /// Index of the first bar with a value.
    pub lookback: usize,
    /// Bars after that until the start of history no longer shows.
    pub unstable_margin: usize,
}

/// Every indicator with its default parameters, in the order of the documentation.
pub fn catalogue() -> impl Iterator<Item = Entry> {
    FAMILIES.iter().map(|family| {
        let name = listed_name(family);
        let feature = Feature { family, parameters: defaults(family), name: name.clone() };
        Entry {
            name,
            canonical: feature.canonical(),
            summary: family.summary,
            definition: family.definition,
            lookback: feature.lookback(),
            unstable_margin: feature.unstable_margin(),
        }
    })
}

#[cfg(test)]
mod tests;
