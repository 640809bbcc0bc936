//! The catalogue as people read it: every listed feature with what there is to know of it.

use suho_domain::Digest;

use crate::family::{Family, Group, Unit, families};
use crate::feature::{Feature, Modifier, UnknownFeature, defaults, parse};
use crate::series::Input;

/// One row of the catalogue's documentation.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The name under which it is listed.
    pub name: String,
    /// The same with every parameter written.
    pub canonical: String,
    /// What it tells of.
    pub group: Group,
    /// One line.
    pub summary: &'static str,
    /// The formula and what it answers where the formula has no answer. `c`, `o`, `h`, `l` and `v`
    /// are close, open, high, low and volume, `c₋ₙ` the close n bars before, HH and LL the highest
    /// high and lowest low of n bars.
    pub definition: &'static str,
    /// Who defined it, and whose numbers it equals.
    pub source: &'static str,
    /// What its numbers count.
    pub unit: Unit,
    /// Smallest value; negative infinity where there is none.
    pub min: f64,
    /// Largest value; infinity where there is none.
    pub max: f64,
    /// The columns it reads.
    pub inputs: &'static [Input],
    /// The numbers in its name.
    pub parameters: Vec<ParameterEntry>,
    /// What is done to it, step by step; nothing for a listed feature.
    pub modifiers: Vec<String>,
    /// Index of the first bar with a value; in bars of its own timeframe.
    pub lookback: usize,
    /// Bars after that until the start of history no longer shows.
    pub unstable_margin: usize,
    /// What fixes its numbers.
    pub def_digest: Digest,
}

/// A number in a feature's name.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ParameterEntry {
    /// What it is called.
    pub name: &'static str,
    /// What it is here.
    pub value: usize,
    /// Smallest value.
    pub min: usize,
    /// Largest value.
    pub max: usize,
}

/// Every listed feature, in the order of the documentation. Each takes other numbers within the
/// ranges of its parameters, and modifiers: see [`parse`].
pub fn catalogue() -> impl Iterator<Item = Entry> {
    listed().map(|(name, feature)| Entry::of(name, &feature))
}

/// What there is to know of the feature called `name`, listed or not.
///
/// # Errors
/// When there is no such feature.
pub fn describe(name: &str) -> Result<Entry, UnknownFeature> {
    parse(name).map(|feature| Entry::of(name.to_owned(), &feature))
}

/// The listed names that a group's `momentum.*`, or `all.*`, stands for; none for any other text.
pub fn expand(selector: &str) -> Option<Vec<String>> {
    let word = selector.strip_suffix(".*")?;
    let group = Group::ALL.into_iter().find(|group| group.name() == word);
    if group.is_none() && word != "all" {
        return None;
    }
    let is_in = |feature: &Feature| group.is_none_or(|group| feature.family.group == group);
    Some(listed().filter(|(_, feature)| is_in(feature)).map(|(name, _)| name).collect())
}

/// What fixes the numbers of the whole catalogue: the digest of every listed feature's name and
/// definition.
pub fn catalogue_digest() -> Digest {
    let lines = listed().map(|(name, feature)| format!("{name} {}\n", feature.def_digest()));
    Digest::of(lines.collect::<String>().as_bytes())
}

/// The names of all listed features.
pub(crate) fn listed_names() -> impl Iterator<Item = String> {
    listed().map(|(name, _)| name)
}

/// Every listed name with its feature.
fn listed() -> impl Iterator<Item = (String, Feature)> {
    families().flat_map(|family| {
        let with_numbers = family.listed.iter().map(move |numbers| {
            let feature = Feature::plain(family, numbers.to_vec());
            (feature.canonical(), feature)
        });
        let bare = family
            .listed
            .is_empty()
            .then(|| (bare_name(family), Feature::plain(family, defaults(family))));
        with_numbers.chain(bare)
    })
}

fn bare_name(family: &Family) -> String {
    match family.output {
        "" => family.base.to_owned(),
        output => format!("{}_{output}", family.base),
    }
}

impl Entry {
    fn of(name: String, feature: &Feature) -> Self {
        let Family { group, summary, definition, source, unit, range, inputs, .. } =
            *feature.family;
        let parameters = feature.family.parameters.iter().zip(&feature.parameters);
        let modifiers = &feature.modifiers;
        let (unit, (min, max)) = modifiers
            .iter()
            .fold((unit, range), |(unit, range), modifier| modifier.scale(unit, range));
        Self {
            name,
            canonical: feature.canonical(),
            group,
            summary,
            definition,
            source,
            unit,
            min,
            max,
            inputs,
            parameters: parameters
                .map(|(parameter, value)| ParameterEntry {
                    name: parameter.name,
                    value: *value,
                    min: parameter.min,
                    max: parameter.max,
                })
                .collect(),
            modifiers: modifiers.iter().map(Modifier::meaning).collect(),
            lookback: feature.lookback(),
            unstable_margin: feature.unstable_margin(),
            def_digest: feature.def_digest(),
        }
    }
}

#[cfg(test)]
mod tests;
