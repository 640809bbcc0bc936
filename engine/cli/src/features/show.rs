//! `suho features show`: everything there is to know of one feature.

use super::{entry_json, range, unknown, warm_up};
use crate::args::FeaturesShow;
use crate::failure::Failure;
use crate::inspect::words::count;
use crate::table::table;
use crate::terminal::out;
use serde_json::{Value as Json, json};
use suho_domain::Timeframe;
use suho_features::{Entry, FEATURE_VERSION, Feature, describe, parse};

/// `suho features show`.
pub(super) fn show(args: &FeaturesShow) -> Result<u8, Failure> {
    let entry = describe(&args.name).map_err(|error| unknown(&error))?;
    let feature = parse(&args.name).map_err(|error| unknown(&error))?;
    let counted = args.timeframe.map(|base| Counted::of(&feature, base)).transpose()?;
    if let Some(notation) = args.output.notation() {
        let mut page = entry_json(&entry);
        if let Json::Object(fields) = &mut page {
            fields.insert("version".to_owned(), json!(1));
            fields.insert("feature_version".to_owned(), json!(FEATURE_VERSION));
            fields.insert("timeframe".to_owned(), json!(feature.timeframe()));
            fields.insert("counted".to_owned(), json!(counted.map(Counted::json)));
        }
        out(&notation.page(&page));
    } else {
        out(&text(&entry, &feature, counted));
    }
    Ok(0)
}

/// Look-back and warm-up in bars of a given length.
#[derive(Clone, Copy)]
struct Counted {
    base: Timeframe,
    lookback: usize,
    warm_up: usize,
}

impl Counted {
    fn of(feature: &Feature, base: Timeframe) -> Result<Self, Failure> {
        if let (Some(lookback), Some(warm_up)) =
            (feature.lookback_on(base), feature.warm_up_on(base))
        {
            return Ok(Self { base, lookback, warm_up });
        }
        let asked = feature.timeframe().unwrap_or(base);
        let message =
            format!("`{feature}` asks for bars of {asked}, which bars of {base} do not make up");
        Err(Failure::user("wrong-timeframe", message)
            .help(format!("give a `--timeframe` that divides {asked}")))
    }

    fn json(self) -> Json {
        let Self { base, lookback, warm_up } = self;
        json!({ "timeframe": base, "lookback": lookback, "warm_up": warm_up })
    }
}

fn text(entry: &Entry, feature: &Feature, counted: Option<Counted>) -> String {
    let bars = |bars: usize| count(i64::try_from(bars).unwrap_or(i64::MAX));
    let own = feature.timeframe().map_or_else(String::new, |own| format!(" of {own}"));
    let mut rows: Vec<(&str, String)> =
        vec![("group", entry.group.to_string()), ("formula", entry.definition.to_owned())];
    rows.extend(entry.modifiers.iter().map(|step| ("then", step.clone())));
    rows.extend([
        ("unit", entry.unit.to_string()),
        ("range", range(entry)),
        ("reads", entry.inputs.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")),
    ]);
    rows.extend(entry.parameters.iter().map(|parameter| {
        let (min, max) = (bars(parameter.min), bars(parameter.max));
        ("parameter", format!("{} = {}, from {min} to {max}", parameter.name, parameter.value))
    }));
    rows.extend([
        ("look-back", format!("{} bars{own} before the first value", bars(entry.lookback))),
        (
            "warm-up",
            format!(
                "{} bars{own} until it no longer matters where the history began",
                bars(warm_up(entry))
            ),
        ),
    ]);
    rows.extend(counted.map(|Counted { base, lookback, warm_up }| {
        ("", format!("{} and {} in bars of {base}", bars(lookback), bars(warm_up)))
    }));
    rows.extend([
        ("canonical", entry.canonical.clone()),
        ("digest", entry.def_digest.to_string()),
        ("catalogue", FEATURE_VERSION.to_owned()),
        ("source", entry.source.to_owned()),
    ]);
    let rows: Vec<_> = rows.into_iter().map(|(name, value)| vec![name.to_owned(), value]).collect();
    format!("{}  {}\n\n{}", entry.name, entry.summary, table("  ", &[], &rows))
}
