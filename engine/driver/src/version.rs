//! Which version a change of a model's configuration makes, and why (domain §2.2).

mod data;
mod wanted;

pub use wanted::{VersionError, Wanted};

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use std::collections::BTreeSet;
use suho_domain::{Bump, Version};

/// One change, how far it moves the version, and the words for it.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// How far.
    pub bump: Bump,
    /// The reason word: `hyperparameter`, `feature_added`, ….
    pub code: String,
    /// What changed: `hyperparameters.optimizer.adam.learning_rate  0.001 → 0.0005`.
    pub text: String,
}

/// What a new model is compared with.
#[derive(Clone, Copy, Debug)]
pub struct Predecessor<'a> {
    /// Its version.
    pub version: Version,
    /// Its configuration.
    pub config: &'a Json,
    /// Its seed.
    pub seed: i64,
    /// Whether it was trained on the same snapshot; `None` when the snapshot is not known yet.
    pub same_data: Option<bool>,
    /// Whether the same code made it.
    pub same_code: bool,
}

/// The version that `config` gets after `predecessor`, and every reason.
///
/// `existing` are all versions of the name. Without a predecessor it is the first version, or the
/// next major one where versions exist that were never trained to the end.
pub fn next(
    predecessor: Option<Predecessor<'_>>,
    config: &Json,
    seed: i64,
    existing: &[Version],
) -> (Version, Bump, Vec<Change>) {
    let Some(old) = predecessor else {
        let newest = existing.iter().max();
        let version = newest.map_or(Version::FIRST, |newest| newest.next(Bump::Patch, existing));
        let text = match newest {
            None => "no version yet".to_owned(),
            Some(newest) => format!("no version to compare with; {newest} is taken"),
        };
        let change = Change { bump: Bump::Major, code: "first".to_owned(), text };
        return (version, Bump::Major, vec![change]);
    };
    let changes = changes(&old, config, seed);
    let bump = changes.iter().map(|change| change.bump).max().unwrap_or_default();
    (old.version.next(bump, existing), bump, changes)
}

/// Where a configuration says how many bars a model sees.
const SEQUENCE: &str = "hyperparameters.sequence_length";

/// Every difference that counts, the gravest first.
fn changes(old: &Predecessor<'_>, config: &Json, seed: i64) -> Vec<Change> {
    let mut changes = Vec::new();
    features(old.config, config, &mut changes);
    changes.extend(data::window(old.config, config));
    for (path, before, after) in differences("", old.config, config) {
        if let Some((bump, code)) = classify(&path, &before, &after) {
            let mut text = format!("{path}  {} → {}", shown(&before), shown(&after));
            if path == SEQUENCE && after.as_i64() > before.as_i64() {
                text.push_str("; serving needs a longer history");
            }
            changes.push(Change { bump, code: code.to_owned(), text });
        }
    }
    let patch = |code: &str, text: &str| Change {
        bump: Bump::Patch,
        code: code.to_owned(),
        text: text.to_owned(),
    };
    if old.same_data == Some(false) {
        changes.push(patch("retrain", "the data changed"));
    }
    if !old.same_code {
        changes.push(patch("code", "the code that trains changed"));
    }
    if old.seed != seed {
        changes.push(patch("reseed", &format!("seed  {} → {seed}", old.seed)));
    }
    changes.sort_by_key(|change| std::cmp::Reverse(change.bump));
    changes
}

/// Features are a set: only additions are minor, anything removed is major.
fn features(old: &Json, new: &Json, changes: &mut Vec<Change>) {
    let names = |config: &Json| -> BTreeSet<String> {
        let list = config.get("features").and_then(Json::as_array);
        list.into_iter().flatten().filter_map(Json::as_str).map(str::to_owned).collect()
    };
    let (old, new) = (names(old), names(new));
    let listed = |names: Vec<&String>| names.into_iter().cloned().collect::<Vec<_>>().join(", ");
    let (added, removed) = (new.difference(&old).collect::<Vec<_>>(), old.difference(&new));
    let removed: Vec<_> = removed.collect();
    let mut say = |bump: Bump, code: &str, text: String| {
        changes.push(Change { bump, code: code.to_owned(), text });
    };
    if !removed.is_empty() {
        say(Bump::Major, "feature_removed", format!("features  − {}", listed(removed)));
    }
    if !added.is_empty() {
        say(Bump::Minor, "feature_added", format!("features  + {}", listed(added)));
    }
}

/// How far a change at `path` moves the version; `None` where it does not count, or is counted by
/// itself.
fn classify(path: &str, before: &Json, after: &Json) -> Option<(Bump, &'static str)> {
    let top = path.split('.').next().unwrap_or_default();
    Some(match top {
        "features" => return None,
        "data" if path.starts_with(data::WINDOW) => return None,
        "feature_version" => return catalogue(before, after),
        "model_type" | "classes" => (Bump::Major, "architecture"),
        "target" | "label" => (Bump::Major, "target"),
        "architecture" if kinds(before) != kinds(after) => (Bump::Major, "architecture"),
        "architecture" if head(before) != head(after) => (Bump::Major, "architecture"),
        "architecture" | "hyperparameters" | "tuned" | "ensemble" => {
            (Bump::Minor, "hyperparameter")
        }
        "preprocess" => (Bump::Minor, "preprocessing"),
        "data" => (Bump::Minor, "data_scope"),
        "weights" => (Bump::Patch, "weights"),
        _ => (Bump::Patch, "configuration"),
    })
}

/// Another catalogue: its first number moves when features that were there mean something else, its
/// second when there are more, its third when nothing is computed otherwise.
fn catalogue(before: &Json, after: &Json) -> Option<(Bump, &'static str)> {
    let version = |json: &Json| -> Option<Version> {
        let text = json.as_str()?;
        format!("v{}", text.strip_prefix('v').unwrap_or(text)).parse().ok()
    };
    match (version(before), version(after)) {
        (Some(before), Some(after)) if before.major != after.major => {
            Some((Bump::Major, "feature_redefined"))
        }
        (Some(before), Some(after)) if before.minor != after.minor => None,
        _ => Some((Bump::Patch, "feature_version")),
    }
}

/// The last layer: what comes out, and how it is to be read.
fn head(layers: &Json) -> Option<&Json> {
    layers.as_array()?.last()
}

/// The kinds of layers, in order: what another architecture differs in.
fn kinds(layers: &Json) -> Vec<String> {
    let kind = |layer: &Json| match layer {
        Json::Object(fields) => fields.keys().next().cloned().unwrap_or_default(),
        other => other.to_string(),
    };
    layers.as_array().map(|layers| layers.iter().map(kind).collect()).unwrap_or_default()
}

/// The leaves that differ, with their dotted paths. Lists are leaves.
fn differences(path: &str, old: &Json, new: &Json) -> Vec<(String, Json, Json)> {
    match (old, new) {
        (Json::Object(a), Json::Object(b)) => {
            let keys: BTreeSet<&String> = a.keys().chain(b.keys()).collect();
            let each = |key: &String| {
                let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                let none = Json::Null;
                differences(&path, a.get(key).unwrap_or(&none), b.get(key).unwrap_or(&none))
            };
            keys.into_iter().flat_map(each).collect()
        }
        (a, b) if a == b => Vec::new(),
        (a, b) => vec![(path.to_owned(), a.clone(), b.clone())],
    }
}

fn shown(value: &Json) -> String {
    match value {
        Json::Null => "none".to_owned(),
        Json::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests;
