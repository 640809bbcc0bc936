//! Rules as text: the words beside crontab's five fields.

use chrono::{NaiveTime, TimeDelta};

use super::{MonthEnd, Rule, RuleError};
use crate::Side;

const DAY_SECONDS: i64 = 86_400;

/// The rule that `text` says.
pub(super) fn rule(text: &str) -> Result<Rule, RuleError> {
    let words: Vec<&str> = text.split_whitespace().collect();
    match words.as_slice() {
        ["first", "business", "day", "at", time] => month_end(MonthEnd::First, time),
        ["last", "business", "day", "at", time] => month_end(MonthEnd::Last, time),
        ["at", side] => session(text, side, TimeDelta::zero()),
        [length, "before", side] => session(text, side, -offset(length)?),
        [length, "after", side] => session(text, side, offset(length)?),
        [first, ..] if !is_cron(first) => Err(RuleError::Words(text.to_owned())),
        _ => text.parse().map(Rule::Cron).map_err(RuleError::Cron),
    }
}

/// Whether a text that begins so is meant as five fields.
fn is_cron(first: &str) -> bool {
    first.starts_with(|sign: char| sign.is_ascii_digit() || "*@,-+?".contains(sign))
}

fn month_end(which: MonthEnd, text: &str) -> Result<Rule, RuleError> {
    let time = NaiveTime::parse_from_str(text, "%H:%M");
    let time = time.map_err(|_| RuleError::Time(text.to_owned()))?;
    Ok(Rule::BusinessDay { which, time })
}

fn session(text: &str, side: &str, offset: TimeDelta) -> Result<Rule, RuleError> {
    let side = match side {
        "open" => Side::Open,
        "close" => Side::Close,
        _ => return Err(RuleError::Words(text.to_owned())),
    };
    Ok(Rule::Session { side, offset })
}

/// `1h30m`: numbers with units from the largest to the smallest, each at most once, below a day.
fn offset(text: &str) -> Result<TimeDelta, RuleError> {
    let wrong = || RuleError::Offset(text.to_owned());
    let mut seconds = 0_i64;
    let mut rest = text;
    for (unit, length) in [('h', 3_600), ('m', 60), ('s', 1)] {
        if let Some((number, after)) = rest.split_once(unit) {
            let digits = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
            let number: i64 = number.parse().ok().filter(|_| digits).ok_or_else(wrong)?;
            seconds = number
                .checked_mul(length)
                .and_then(|part| seconds.checked_add(part))
                .ok_or_else(wrong)?;
            rest = after;
        }
    }
    let is_offset = rest.is_empty() && (1..DAY_SECONDS).contains(&seconds);
    is_offset.then(|| TimeDelta::try_seconds(seconds)).flatten().ok_or_else(wrong)
}

/// As [`offset`] reads it.
pub(super) fn length(seconds: i64) -> String {
    let parts = [(seconds / 3_600, 'h'), (seconds % 3_600 / 60, 'm'), (seconds % 60, 's')];
    let shown = parts.into_iter().filter(|(number, _)| *number > 0);
    shown.map(|(number, unit)| format!("{number}{unit}")).collect()
}
