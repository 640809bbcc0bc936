//! From a name to a feature, and what is said when there is none.

use std::collections::BTreeMap;

use suho_domain::Fault;

use super::Feature;
use super::modifier::{self, Modifier};
use crate::catalogue::listed_names;
use crate::family::{Family, Parameter, families};

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
    /// The feature is there, what is written behind it is not.
    #[error("`__{modifier}` cannot stand in `{name}`: {usage}{}", suggestion(nearest.as_deref()))]
    Modifier {
        /// What was asked for.
        name: String,
        /// The part that is not right.
        modifier: String,
        /// How modifiers, or this one, are written.
        usage: &'static str,
        /// The whole name with a modifier that is nearest, where one is near.
        nearest: Option<String>,
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
/// `_`, and modifiers behind `__`. All parameters are given, or none for the defaults: `stoch_k` is
/// `stoch_14_3_3_k`, and `stoch_k__lag_3` is it three bars ago.
///
/// | modifier | value |
/// |---|---|
/// | `__lag_n` | n bars ago |
/// | `__diff_n` | change over n bars |
/// | `__z_n` | standard deviations (of the population) from the mean of the last n values; 0 where all are equal |
/// | `__rank_n` | share of the other of the last n values that lie below, equal ones by half |
/// | `__tf_4h` | of the bars of that timeframe (aligned to midnight UTC), as of the last that has closed |
/// | `__sym_gbpusd` | of the bars of that symbol, as of the last that has closed |
///
/// Modifiers apply from left to right; those before `__tf_` or `__sym_` count its bars.
///
/// # Errors
/// When there is no such indicator (with the nearest name that there is), the numbers are too
/// many, too few or out of range (with how to write them), or a modifier is not right.
pub fn parse(name: &str) -> Result<Feature, UnknownFeature> {
    let mut parts = name.split("__");
    let base = parts.next().unwrap_or_default();
    let modifiers: Vec<&str> = parts.collect();
    let spellings = families().filter_map(|family| Some((family, numbers(family, base)?)));
    // At most one: no family's base and output are another's with numbers between them.
    let Some((family, numbers)) = spellings.into_iter().next() else {
        let nearest =
            nearest(base).map(|near| [&[near.as_str()], &modifiers[..]].concat().join("__"));
        return Err(UnknownFeature::Name { name: name.to_owned(), nearest });
    };
    let parameters = if numbers.is_empty() { defaults(family) } else { numbers };
    if !fits(family, &parameters) {
        return Err(UnknownFeature::Parameters { name: base.to_owned(), usage: usage(family) });
    }
    let modifiers = parse_modifiers(name, &modifiers)?;
    Ok(Feature { family, parameters, modifiers, name: name.to_owned() })
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

fn parse_modifiers(name: &str, texts: &[&str]) -> Result<Vec<Modifier>, UnknownFeature> {
    let mut modifiers: Vec<Modifier> = Vec::with_capacity(texts.len());
    for text in texts {
        let has_timeframe = modifiers.iter().any(|modifier| modifier.timeframe().is_some());
        let has_symbol = modifiers.iter().any(|modifier| modifier.symbol().is_some());
        let is_in_place = |modifier: &Modifier| match modifier {
            Modifier::Timeframe(_) => !has_timeframe && !has_symbol,
            Modifier::Symbol(_) => !has_symbol,
            _ => true,
        };
        match Modifier::parse(text) {
            Some(modifier) if is_in_place(&modifier) => modifiers.push(modifier),
            _ => {
                let (wrong, right) = (format!("__{text}"), modifier::nearest(text));
                // The wrong one in its place; what stands behind it is as it was.
                let nearest = right.map(|right| name.replacen(&wrong, &format!("__{right}"), 1));
                return Err(UnknownFeature::Modifier {
                    name: name.to_owned(),
                    modifier: (*text).to_owned(),
                    usage: modifier::usage(text),
                    nearest: nearest.filter(|name| parse(name).is_ok()),
                });
            }
        }
    }
    Ok(modifiers)
}

/// A number as names hold it: plain digits, no zero before them.
pub(super) fn whole_number(text: &str) -> Option<usize> {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_digit()) && !text.starts_with('0');
    is_plain.then(|| text.parse().ok()).flatten()
}

/// The numbers between the family's base and output in `name`; `None` when it is not the family's.
fn numbers(family: &Family, name: &str) -> Option<Vec<usize>> {
    let rest = name.strip_prefix(family.base)?;
    let rest = match family.output {
        "" => rest,
        output => rest.strip_suffix(output)?.strip_suffix('_')?,
    };
    match rest.strip_prefix('_') {
        Some(rest) => rest.split('_').map(whole_number).collect(),
        None => rest.is_empty().then(Vec::new),
    }
}

/// Whether the family takes these numbers.
fn fits(family: &Family, parameters: &[usize]) -> bool {
    let is_in_range =
        |(value, parameter): (&usize, &Parameter)| (parameter.min..=parameter.max).contains(value);
    let rising = parameters.get(..family.rising).unwrap_or_default();
    parameters.len() == family.parameters.len()
        && parameters.iter().zip(family.parameters).all(is_in_range)
        && rising.is_sorted_by(|a, b| a < b)
}

pub(crate) fn defaults(family: &Family) -> Vec<usize> {
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
    let rising: Vec<&str> = parameters.iter().take(family.rising).map(|rise| rise.name).collect();
    let order = if rising.is_empty() { String::new() } else { format!(", {}", rising.join(" < ")) };
    format!("write `{spelling}` with {}{order}", ranges.join(", "))
}

fn nearest(name: &str) -> Option<String> {
    /// Below this likeness (0 to 1) a suggestion confuses more than it helps.
    const LIKENESS_MIN: f64 = 0.75;
    listed_names()
        .map(|listed| (strsim::jaro_winkler(&name.to_lowercase(), &listed), listed))
        .filter(|(likeness, _)| *likeness >= LIKENESS_MIN)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, listed)| listed)
}
