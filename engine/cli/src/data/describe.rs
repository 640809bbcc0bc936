//! `suho data describe`: what is in files of bars, and what is wrong with it.

use super::form;
use super::source::{self, Read};
use crate::args::DataDescribe;
use crate::failure::Failure;
use crate::inspect::words::{NONE, count};
use crate::table::table;
use crate::terminal::out;
use serde_json::{Value as Json, json};
use std::path::Path;
use suho_domain::{Digest, Symbol};
use suho_market::{
    CheckResult, Description, PriceRange, QualityRules, Verdict, YearCount, content_digest,
    describe as description,
};
use suho_time::Calendar;

/// `suho data describe`.
pub(super) fn describe(args: &DataDescribe) -> Result<u8, Failure> {
    let described: Result<Vec<Described>, Failure> = args
        .files
        .iter()
        .map(|file| Ok(Described::of(file, source::read(file, &args.reading)?, args.calendar)))
        .collect();
    let described = described?;
    if let Some(notation) = args.output.notation() {
        let files: Vec<Json> = described.iter().map(Described::json).collect();
        out(&notation.page(&json!({ "version": 1, "files": files })));
    } else {
        out(&described.iter().map(Described::text).collect::<Vec<_>>().join("\n"));
    }
    Ok(0)
}

/// A file, described.
struct Described<'a> {
    file: &'a Path,
    timeframe: String,
    calendar: Calendar,
    /// Whether nothing but the lack of a symbol says so.
    is_supposed: bool,
    content: Digest,
    found: Description,
}

impl<'a> Described<'a> {
    fn of(file: &'a Path, read: Read, calendar: Option<Calendar>) -> Self {
        let Read { bars, timeframe } = read;
        // As pipelines have it: pairs and metals trade as currencies do.
        let is_pair =
            || Symbol::new(bars.symbol.as_str()).is_ok_and(|symbol| symbol.pair().is_some());
        let by_symbol = || if is_pair() { Calendar::Fx } else { Calendar::Always };
        Self {
            file,
            timeframe: timeframe.to_string(),
            calendar: calendar.unwrap_or_else(by_symbol),
            is_supposed: calendar.is_none() && bars.symbol.is_empty(),
            content: content_digest(&bars, &[]),
            found: description(
                &bars,
                calendar.unwrap_or_else(by_symbol),
                &QualityRules::standard(),
            ),
        }
    }

    fn json(&self) -> Json {
        let found = &self.found;
        json!({
            "file": self.file,
            "symbol": Some(&found.symbol).filter(|symbol| !symbol.is_empty()),
            "timeframe": self.timeframe,
            "calendar": self.calendar.to_string(),
            "rows": found.rows,
            "first": found.first,
            "last": found.last,
            "missing": found.missing(),
            "prices": found.prices,
            "volumes": found.volumes,
            "has_spread": found.has_spread,
            "years": found.years,
            "checks": found.quality.checks,
            "content_digest": self.content,
        })
    }

    fn text(&self) -> String {
        let found = &self.found;
        let shown = |at: Option<chrono::DateTime<chrono::Utc>>| {
            at.map_or_else(|| NONE.to_owned(), |at| form::time(at.timestamp_micros()))
        };
        let symbol = if found.symbol.is_empty() { "no symbol" } else { &found.symbol };
        let supposed =
            if self.is_supposed { "; no symbol says otherwise, `--calendar fx` does" } else { "" };
        let prices = match found.prices {
            Some(PriceRange { low, high }) => format!("{} to {}", price(low), price(high)),
            None => "undefined (no finite price)".to_owned(),
        };
        let spread = if found.has_spread { "a spread" } else { "no spread" };
        let about = [
            ("series", format!("{symbol}, {} bars of {}", number(found.rows), self.timeframe)),
            ("span", format!("{} to {}", shown(found.first), shown(found.last))),
            ("calendar", format!("{}{supposed}", self.calendar)),
            ("missing", format!("{} bars", number(found.missing()))),
            ("prices", prices),
            ("volume", format!("on {} bars; {spread}", number(found.volumes))),
            ("content", self.content.to_string()),
        ];
        let about = about.map(|(name, value)| vec![name.to_owned(), value]);
        let year = |year: &YearCount| {
            vec![year.year.to_string(), number(year.rows), number(year.expected)]
        };
        let years: Vec<_> = found.years.iter().map(year).collect();
        let checks: Vec<_> = found.quality.checks.iter().map(check).collect();
        format!(
            "{}\n{}\n{}\n{}{}",
            self.file.display(),
            table("  ", &[], &about),
            table("  ", &["YEAR", "BARS", "EXPECTED"], &years),
            table("  ", &["CHECK", "FOUND", "VERDICT", "LIMIT"], &checks),
            examples(&found.quality.checks)
        )
    }
}

/// One check in cells. Nothing is repaired here: what fails is refused by a pipeline that does not
/// say otherwise.
fn check(check: &CheckResult) -> Vec<String> {
    vec![
        check.name.to_string(),
        number(check.found),
        check.verdict.to_string(),
        check.limit.clone(),
    ]
}

/// The first cases of what was found, where something was.
fn examples(checks: &[CheckResult]) -> String {
    let told = checks.iter().filter(|check| check.found > 0 && !check.examples.is_empty());
    let each = |check: &CheckResult| {
        let cases = check.examples.iter().map(|case| {
            let mark = if check.verdict == Verdict::Fail { "fail" } else { "note" };
            vec![check.name.to_string(), mark.to_owned(), case.to_string()]
        });
        cases.collect::<Vec<_>>()
    };
    let rows: Vec<_> = told.flat_map(each).collect();
    if rows.is_empty() { String::new() } else { format!("\n{}", table("  ", &[], &rows)) }
}

/// A price with all its digits; one that is none, in short.
fn price(price: f64) -> String {
    if price.abs() < 1e15 { price.to_string() } else { format!("{price:e}") }
}

fn number(number: usize) -> String {
    count(i64::try_from(number).unwrap_or(i64::MAX))
}
