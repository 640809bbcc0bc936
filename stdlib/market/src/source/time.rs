//! Times as files hold them, as µs since 1970 in UTC.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime};

/// What can stand for a time, for error messages.
pub(super) const EXPECTED: &str =
    "a time such as `2025-01-31T14:00:00Z` or `2025-01-31 14:00:00` (UTC)";

/// RFC 3339 with its offset, else a date with a time or without, in UTC, else a number since 1970.
pub(super) fn parse(text: &str) -> Option<i64> {
    /// Formats without an offset, which are read as UTC.
    const UTC: [&str; 8] = [
        "%Y-%m-%d %H:%M:%S%.f",
        "%Y-%m-%dT%H:%M:%S%.f",
        "%Y-%m-%d %H:%M",
        "%Y-%m-%dT%H:%M",
        // As trading platforms export them.
        "%Y.%m.%d %H:%M:%S",
        "%Y.%m.%d %H:%M",
        "%Y%m%d %H%M%S",
        "%Y%m%d %H:%M:%S",
    ];
    let text = text.trim();
    if let Ok(number) = text.parse() {
        return from_number(number).and_then(of_a_market);
    }
    if let Ok(instant) = DateTime::parse_from_rfc3339(text) {
        return of_a_market(instant.timestamp_micros());
    }
    let midnight =
        || Some(NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?.and_time(NaiveTime::MIN));
    let local = UTC.iter().find_map(|format| NaiveDateTime::parse_from_str(text, format).ok());
    of_a_market(local.or_else(midnight)?.and_utc().timestamp_micros())
}

/// A time from 1800 up to 2200: what lies outside is no bar's but that of a wrong unit.
pub(super) fn of_a_market(micros: i64) -> Option<i64> {
    /// 1800-01-01 and 2200-01-01 in µs since 1970.
    const YEARS: std::ops::Range<i64> = -5_364_662_400_000_000..7_258_118_400_000_000;
    YEARS.contains(&micros).then_some(micros)
}

/// A count of seconds, ms, µs or ns since 1970; which one, its size tells.
///
/// A time after 1973 in one unit is before 1973 in the next finer one, so there is no doubt
/// between 1973 and 5138. A number such as 20240131 is that day, and not one of 1970.
pub(super) fn from_number(number: i64) -> Option<i64> {
    match number.unsigned_abs() {
        18_000_101..22_000_101 if number > 0 => {
            let part = |by: i64, of: i64| u32::try_from(number / by % of).ok();
            let year = i32::try_from(number / 10_000).ok()?;
            let day = NaiveDate::from_ymd_opt(year, part(100, 100)?, part(1, 100)?)?;
            Some(day.and_time(NaiveTime::MIN).and_utc().timestamp_micros())
        }
        0..100_000_000_000 => number.checked_mul(1_000_000),
        100_000_000_000..100_000_000_000_000 => number.checked_mul(1_000),
        100_000_000_000_000..100_000_000_000_000_000 => Some(number),
        _ => Some(number.div_euclid(1_000)),
    }
}
