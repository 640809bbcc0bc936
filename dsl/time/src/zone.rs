//! IANA zones by name, and wall-clock times that may not exist or exist twice.

use chrono::{DateTime, LocalResult, NaiveDateTime, TimeDelta, TimeZone as _, Utc};
use chrono_tz::{TZ_VARIANTS, Tz};

/// How far a zone's offset may lie from UTC, with room to spare (the widest are −12 h and +14 h).
const OFFSET_MAX: TimeDelta = TimeDelta::hours(26);

/// A name that no IANA zone has.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("no time zone `{name}`{}", suggestion(*nearest))]
pub struct UnknownZone {
    /// What was asked for.
    pub name: String,
    /// The zone whose name is nearest, where one is near enough to be worth naming.
    pub nearest: Option<&'static str>,
}

fn suggestion(nearest: Option<&'static str>) -> String {
    nearest.map_or_else(String::new, |zone| format!("; did you mean `{zone}`?"))
}

/// The zone called `name`, in the spelling of the IANA database (`America/New_York`).
///
/// # Errors
/// When no zone has that name; the error names the nearest one, which also catches a wrong case
/// and a city without its continent.
pub fn parse_zone(name: &str) -> Result<Tz, UnknownZone> {
    name.parse().map_err(|_| UnknownZone { name: name.to_owned(), nearest: nearest_zone(name) })
}

fn nearest_zone(name: &str) -> Option<&'static str> {
    /// Below this likeness (0 to 1) a suggestion confuses more than it helps.
    const LIKENESS_MIN: f64 = 0.8;
    let wanted = name.to_lowercase().replace(' ', "_");
    let likeness = |zone: &str| {
        let zone = zone.to_lowercase();
        let city = zone.rsplit('/').next().unwrap_or_default();
        strsim::jaro(&wanted, &zone).max(strsim::jaro(&wanted, city))
    };
    TZ_VARIANTS
        .iter()
        .map(|zone| (likeness(zone.name()), zone.name()))
        .filter(|(likeness, _)| *likeness >= LIKENESS_MIN)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, zone)| zone)
}

/// What a wall-clock time means in a zone.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum LocalTime {
    /// The clock shows it once.
    Once(DateTime<Utc>),
    /// Clocks are turned back over it: it is shown twice, in this order.
    Twice(DateTime<Utc>, DateTime<Utc>),
    /// Clocks are turned forward over it: it is never shown. The instant is the end of the gap.
    Skipped(DateTime<Utc>),
}

impl LocalTime {
    /// One instant for a thing that must happen exactly once: the first of two, the end of a gap.
    pub fn first(self) -> DateTime<Utc> {
        match self {
            Self::Once(instant) | Self::Twice(instant, _) | Self::Skipped(instant) => instant,
        }
    }
}

/// The instant or instants at which a clock in `zone` shows `local`.
///
/// `None` only within a day of the ends of chrono's calendar (years ±262,000).
pub fn resolve_local(local: NaiveDateTime, zone: Tz) -> Option<LocalTime> {
    match zone.from_local_datetime(&local) {
        LocalResult::Single(instant) => Some(LocalTime::Once(instant.to_utc())),
        LocalResult::Ambiguous(a, b) => {
            Some(LocalTime::Twice(a.min(b).to_utc(), a.max(b).to_utc()))
        }
        LocalResult::None => end_of_gap(local, zone).map(LocalTime::Skipped),
    }
}

/// The first whole second at which the clock of `zone` has passed `local`, which it never shows.
///
/// Halving works because `local` is not shown at all: the one place where the clock crosses it
/// upwards is the jump over it, be it an hour (daylight saving) or a day (Samoa, December 2011).
fn end_of_gap(local: NaiveDateTime, zone: Tz) -> Option<DateTime<Utc>> {
    let passed = |instant: DateTime<Utc>| instant.with_timezone(&zone).naive_local() > local;
    let mut before = local.checked_sub_signed(OFFSET_MAX)?.and_utc();
    let mut after = local.checked_add_signed(OFFSET_MAX)?.and_utc();
    while (after - before).num_seconds() > 1 {
        let middle =
            before.checked_add_signed(TimeDelta::seconds((after - before).num_seconds() / 2))?;
        if passed(middle) {
            after = middle;
        } else {
            before = middle;
        }
    }
    Some(after)
}

#[cfg(test)]
mod tests;
