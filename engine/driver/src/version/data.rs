//! How far another window of data moves a version.

use super::{Change, shown};
use serde_json::Value as Json;
use suho_domain::{Bump, Duration, Instant, Timeframe};

/// Where a configuration says from when to when its data are.
pub(super) const WINDOW: &str = "data.window";

/// The change of the window, if there is one. Dates that only move on are a training on newer data;
/// dates that reach farther are more data; anything else is another rule for which data count.
pub(super) fn window(old: &Json, new: &Json) -> Option<Change> {
    let window = |config: &Json| config.pointer("/data/window").cloned().unwrap_or_default();
    let (before, after) = (window(old), window(new));
    if before == after {
        return None;
    }
    let (bump, code) = match (span(&before), span(&after)) {
        (Some(was), Some(is)) if grows(was, is, new) => (Bump::Minor, "data_expansion"),
        (Some(_), Some(_)) => (Bump::Patch, "retrain"),
        _ => (Bump::Minor, "data_scope"),
    };
    let said = |window: &Json| match (window.get("start"), window.get("end")) {
        (Some(start), Some(end)) => format!("{} .. {}", shown(start), shown(end)),
        _ => shown(window),
    };
    let text = format!("{WINDOW}  {} → {}", said(&before), said(&after));
    Some(Change { bump, code: code.to_owned(), text })
}

/// How long a window of written dates is.
fn span(window: &Json) -> Option<Duration> {
    let instant = |end: &str| -> Option<Instant> {
        let text = window.get(end)?.as_str()?;
        text.parse().or_else(|_| format!("{text}T00:00:00Z").parse()).ok()
    };
    Some(instant("end")?.since(instant("start")?))
}

/// Whether a window is longer by more than a bar and by more than a hundredth.
fn grows(was: Duration, is: Duration, config: &Json) -> bool {
    let bar = config.pointer("/target/timeframe").and_then(Json::as_str);
    let bar = bar.and_then(|text| text.parse::<Timeframe>().ok());
    let bar = bar.map_or(0, |timeframe| timeframe.duration().nanos());
    let grown = is.nanos().saturating_sub(was.nanos());
    grown > bar.max(was.nanos() / 100)
}
