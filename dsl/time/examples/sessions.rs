//! New York's sessions from 2000 to 2030 and the market time of a few thousand spans, for
//! `tests/sessions_peer.py` to hold against a peer.
//!
//!     cargo run -p suho-time --example sessions > sessions.csv

#![expect(clippy::unwrap_used, reason = "a check ends by panicking")]

use std::io::Write as _;

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use suho_time::Calendar;

/// A prime number of minutes, so that spans begin at every time of day: about three a week.
const STRIDE: TimeDelta = TimeDelta::minutes(3_359);

fn main() -> std::io::Result<()> {
    let (from, to): (DateTime<Utc>, DateTime<Utc>) =
        ("2000-01-01T00:00:00Z".parse().unwrap(), "2031-01-01T00:00:00Z".parse().unwrap());
    let text = |at: DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::Secs, true);
    let mut out = std::io::stdout().lock();
    for session in Calendar::Xnys.sessions(from, to) {
        writeln!(out, "session,{},{}", text(session.open), text(session.close))?;
    }
    let mut start = from;
    let mut length = TimeDelta::minutes(1);
    while start < to {
        // From a minute to a month.
        length = TimeDelta::minutes(length.num_minutes() * 7 % 43_201);
        let end = (start + length).min(to);
        let open = Calendar::Xnys.market_time_between(start, end).num_seconds();
        writeln!(out, "span,{},{},{open}", text(start), text(end))?;
        start += STRIDE;
    }
    Ok(())
}
