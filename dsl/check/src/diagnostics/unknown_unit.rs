//! # A unit that the language does not have
//!
//! Units are `%`, `bps` and `pp`; `pip`; `ns`, `us`, `ms`, `s`, `m`, `h`, `d` and `w` for
//! durations; `mo` and `y` for calendar periods. `m` is minutes. Money has a blank before its
//! currency: `40 USD`.
//!
//! Wrong:
//!
//! ```suho wrong
//! shadow trial {
//!   model    = acceptance.model
//!   against  = baseline
//!   duration = 24hours
//! }
//! ```
//!
//! Right:
//!
//! ```suho right
//! shadow trial {
//!   model    = acceptance.model
//!   against  = baseline
//!   duration = 24h
//! }
//! ```

use crate::diagnostic::{At, Diagnostic};
use crate::near::{listed, nearest};

/// The code.
pub(crate) const CODE: &str = "unknown-unit";

/// Units that people write and what they mean here.
const MEANT: [(&str, &[&str]); 19] = [
    ("M", &["m", "mo"]),
    ("msec", &["ms"]),
    ("millis", &["ms"]),
    ("sec", &["s"]),
    ("secs", &["s"]),
    ("min", &["m"]),
    ("mins", &["m"]),
    ("minutes", &["m"]),
    ("hr", &["h"]),
    ("hour", &["h"]),
    ("hours", &["h"]),
    ("day", &["d"]),
    ("days", &["d"]),
    ("months", &["mo"]),
    ("years", &["y"]),
    ("bp", &["bps"]),
    ("K", &["KiB"]),
    ("KB", &["KiB"]),
    ("G", &["GiB"]),
];
const UNITS: [&str; 20] = [
    "%", "bps", "pp", "pip", "ns", "us", "ms", "s", "m", "h", "d", "w", "mo", "y", "B", "KiB",
    "MiB", "GiB", "TiB", "pips",
];

/// The quantity `text` has a unit that is none.
pub(crate) fn new(at: At, text: &str) -> Diagnostic {
    let split = text.find(|c: char| !c.is_ascii_digit() && c != '.' && c != '_');
    let (number, unit) = text.split_at(split.unwrap_or(text.len()));
    let found = Diagnostic::error(CODE, at, format!("`{unit}` is not a unit"));
    let meant = MEANT.iter().find(|(written, _)| *written == unit).map(|(_, meant)| *meant);
    let near: Vec<&str> = match meant {
        Some(meant) => meant.to_vec(),
        None => nearest(unit, UNITS).into_iter().map(|unit| unit.trim_end_matches("ps")).collect(),
    };
    if near.is_empty() {
        return found.help(format!("units are {}", listed(UNITS.into_iter().take(19))));
    }
    near.into_iter().fold(found, |found, unit| {
        let text = format!("{number}{unit}");
        found.fix(format!("write `{text}`"), at.span, &text)
    })
}
