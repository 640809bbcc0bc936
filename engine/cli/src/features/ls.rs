//! `suho features ls`: the catalogue, a line a feature.

use super::{entry_json, range, warm_up};
use crate::args::FeaturesLs;
use crate::failure::Failure;
use crate::inspect::words::{count, many};
use crate::table::table;
use crate::terminal::out;
use serde_json::json;
use suho_check::nearest;
use suho_features::{Entry, FEATURE_VERSION, Group, catalogue, catalogue_digest};

/// `suho features ls`.
pub(super) fn ls(args: &FeaturesLs) -> Result<u8, Failure> {
    let group = args.group.as_deref().map(group).transpose()?;
    let is_in = |entry: &Entry| group.is_none_or(|group| entry.group == group);
    let entries: Vec<Entry> = catalogue().filter(is_in).collect();
    if let Some(notation) = args.output.notation() {
        out(&notation.page(&json!({
            "version": 1,
            "catalogue": { "version": FEATURE_VERSION, "digest": catalogue_digest() },
            "features": entries.iter().map(entry_json).collect::<Vec<_>>(),
        })));
    } else {
        out(&text(&entries));
    }
    Ok(0)
}

fn group(name: &str) -> Result<Group, Failure> {
    let names = Group::ALL.map(Group::name);
    Group::ALL.into_iter().find(|group| group.name() == name).ok_or_else(|| {
        let listed = names.map(|name| format!("`{name}`")).join(", ");
        let message = format!("there is no group `{name}`; the groups are {listed}");
        let failure = Failure::user("unknown-group", message);
        match nearest(name, names) {
            Some(near) => failure.help(format!("did you mean `{near}`?")),
            None => failure,
        }
    })
}

fn text(entries: &[Entry]) -> String {
    let bars = |bars: usize| count(i64::try_from(bars).unwrap_or(i64::MAX));
    let row = |entry: &Entry| {
        vec![
            entry.name.clone(),
            entry.group.to_string(),
            entry.unit.to_string(),
            range(entry),
            bars(entry.lookback),
            bars(warm_up(entry)),
            entry.summary.to_owned(),
        ]
    };
    let rows: Vec<_> = entries.iter().map(row).collect();
    let head = ["FEATURE", "GROUP", "UNIT", "RANGE", "LOOK-BACK", "WARM-UP", "WHAT"];
    let listed = many(u64::try_from(entries.len()).unwrap_or(u64::MAX), "feature");
    format!(
        "{}\n{listed} of catalogue {FEATURE_VERSION}; look-back and warm-up in bars; other numbers \
         and modifiers: `suho features show rsi_9__lag_3`\n",
        table("", &head, &rows)
    )
}
