//! The crate's cron against a walk over every minute: 200 lines, 12 zones, ten years.
//!
//!     cargo run -p suho-time --release --example cron_oracle [FIRST_YEAR [YEARS]]
//!     cargo run -p suho-time --release --example cron_oracle FIRST_YEAR YEARS sums > sums.tsv
//!
//! The first prints every difference and how much was compared. The second prints for each zone and
//! line how often the crate fires and the sums that `tests/cron_peer.py` holds against Python's.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a check ends by panicking")]

#[path = "../tests/oracle/mod.rs"]
mod oracle;

use std::io::Write as _;
use std::thread;

use chrono::{DateTime, TimeDelta, TimeZone as _, Utc};
use chrono_tz::Tz;
use oracle::{Clock, ZONES, lines};
use suho_time::{Cron, CronError};

const LINES: usize = 200;

fn year(year: i32) -> DateTime<Utc> {
    Utc.with_ymd_and_hms(year, 1, 1, 0, 0, 0).unwrap()
}

fn main() -> std::io::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let first: i32 = arguments.next().map_or(2011, |year| year.parse().unwrap());
    let years: i32 = arguments.next().map_or(10, |years| years.parse().unwrap());
    let span = (year(first) - TimeDelta::days(1), year(first + years));
    if arguments.next().is_some() {
        return ZONES.iter().try_for_each(|zone| sums(*zone, span));
    }
    let (left, right) = ZONES.split_at(ZONES.len() / 2);
    let walk = |zones: &[Tz]| zones.iter().map(|zone| compare(*zone, span)).collect::<Vec<_>>();
    let reports = thread::scope(|scope| {
        let other = scope.spawn(|| walk(left));
        let mut reports = walk(right);
        reports.extend(other.join().unwrap());
        reports
    });
    let mut out = std::io::stdout();
    let (mut firings, mut differences) = (0, 0);
    for report in &reports {
        firings += report.firings;
        differences += report.differences.len();
        for difference in &report.differences {
            writeln!(out, "{difference}")?;
        }
    }
    let zones = ZONES.len();
    writeln!(
        out,
        "{LINES} lines, {zones} zones, {years} years from {first}: {firings} firings both ways, \
         {differences} differences"
    )
}

struct Report {
    firings: usize,
    differences: Vec<String>,
}

fn compare(zone: Tz, span: (DateTime<Utc>, DateTime<Utc>)) -> Report {
    let clock = Clock::new(span.0, span.1, zone);
    let (first, end) = clock.bounds();
    let mut report = Report { firings: 0, differences: Vec::new() };
    for line in lines(LINES) {
        let theirs = clock.firings(&line);
        report.firings += theirs.len();
        let cron: Cron = match line.parse() {
            Ok(cron) => cron,
            Err(CronError::NeverFires { .. }) if theirs.is_empty() => continue,
            Err(error) => {
                report.differences.push(format!("{zone} `{line}`: {error}"));
                continue;
            }
        };
        let mut theirs = theirs.iter();
        let mut at = first - TimeDelta::seconds(1);
        loop {
            let ours = cron.next_after(at, zone).filter(|next| *next < end);
            let expected =
                theirs.next().map(|minute| DateTime::from_timestamp(minute * 60, 0).unwrap());
            if ours != expected {
                report.differences.push(format!(
                    "{zone} `{line}` after {at}: ours {ours:?}, by the minute {expected:?}"
                ));
                break;
            }
            let Some(next) = ours else { break };
            // Whatever comes next, this is what came before.
            let back = cron.previous_before(next, zone);
            if at >= first && back != Some(at) {
                report.differences.push(format!(
                    "{zone} `{line}` before {next}: ours {back:?}, by the minute {at}"
                ));
                break;
            }
            at = next;
        }
    }
    report
}

/// How often, the sum of the minutes since 1970, and the sum of their squares, both modulo 2^64.
fn sums(zone: Tz, (from, end): (DateTime<Utc>, DateTime<Utc>)) -> std::io::Result<()> {
    let first = from + TimeDelta::days(1);
    let mut out = std::io::stdout();
    for line in lines(LINES) {
        let (mut count, mut sum, mut squares) = (0_u64, 0_u64, 0_u64);
        if let Ok(cron) = line.parse::<Cron>() {
            let firings = cron.firings(first - TimeDelta::seconds(1), zone);
            for at in firings.take_while(|at| *at < end) {
                let minute = u64::try_from(at.timestamp() / 60).unwrap();
                count += 1;
                sum = sum.wrapping_add(minute);
                squares = squares.wrapping_add(minute.wrapping_mul(minute));
            }
        }
        writeln!(out, "{zone}\t{line}\t{count}\t{sum}\t{squares}")?;
    }
    Ok(())
}
