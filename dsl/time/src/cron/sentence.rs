//! A crontab line in words, so that a person can check what was meant.
//!
//! The words keep to numbers and names; they never leave out a restriction.

use super::field::Numbers;

/// The most times of day that are listed one by one.
const TIMES_MAX: usize = 6;

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// Monday first, as people list them.
const WEEKDAYS: [&str; 7] =
    ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/// What minutes, hours, days of month, months and weekdays say together.
pub(super) fn sentence(numbers: &[Numbers; 5]) -> String {
    let [minutes, hours, days, months, weekdays] = numbers;
    let (time, is_time_of_day) = times(minutes, hours);
    let months = (months.list.len() < MONTHS.len()).then(|| runs(&months.list, " to ", month));
    let day = dates(days, months.as_deref());
    let weekday =
        (!is_any(weekdays, WEEKDAYS.len())).then(|| runs(&monday_first(weekdays), " to ", name));
    let within = months.map_or_else(String::new, |months| format!(" in {months}"));
    match (day, weekday) {
        (None, None) if is_time_of_day => format!("{time} every day{within}"),
        (None, None) => format!("{time}{within}"),
        (Some(day), None) => format!("{time} on {day}"),
        (None, Some(weekday)) => format!("{time} on {weekday}{within}"),
        // A field that begins with a star narrows the other; without one, either is enough.
        (Some(day), Some(weekday)) if days.is_starred || weekdays.is_starred => {
            format!("{time} on {day}, if that is {weekday}")
        }
        (Some(day), Some(weekday)) => format!("{time} on {day}, and on {weekday}{within}"),
    }
}

/// The time of day, and whether it needs a day to go with it.
fn times(minutes: &Numbers, hours: &Numbers) -> (String, bool) {
    let count = minutes.list.len() * hours.list.len();
    if !hours.is_starred && !minutes.is_starred && count <= TIMES_MAX {
        let pairs = hours.list.iter().flat_map(|hour| minutes.list.iter().map(move |m| (hour, m)));
        let all: Vec<_> = pairs.map(|(hour, minute)| format!("{hour:02}:{minute:02}")).collect();
        return (format!("at {}", listed(&all)), true);
    }
    let minute = match (every(minutes, 60), minutes.list.as_slice()) {
        (Some(1), _) => "every minute".to_owned(),
        (Some(step), _) if step < 60 => format!("every {step} minutes"),
        (_, [one]) => format!("at minute {one}"),
        (_, many) => format!("at minutes {}", runs(many, " to ", |minute| minute.to_string())),
    };
    let hour = match every(hours, 24) {
        Some(1) => "every hour".to_owned(),
        Some(step) => format!("every {step} hours"),
        None => String::new(),
    };
    let time = match (hour.as_str(), minutes.list.as_slice()) {
        ("every hour", _) if every(minutes, 60).is_some_and(|step| step < 60) => minute,
        (_, [0]) if !hour.is_empty() => hour,
        (_, [_]) if !hour.is_empty() => format!("{hour} {minute}"),
        ("every hour", _) => format!("{hour} {minute}"),
        _ => {
            let hours = runs(&hours.list, "–", |hour| format!("{hour:02}"));
            format!("{minute} in the hours {hours}")
        }
    };
    (time, false)
}

/// The step by which the numbers go from 0 through all of `count`, when there is an even one.
fn every(numbers: &Numbers, count: u8) -> Option<u8> {
    let step = count.checked_div(u8::try_from(numbers.list.len()).ok()?)?;
    let evenly = (0..count).step_by(usize::from(step.max(1)));
    (count.is_multiple_of(step.max(1)) && evenly.eq(numbers.list.iter().copied())).then_some(step)
}

/// Whether the field restricts nothing. One that lists everything without a star still stands for
/// itself: beside a restricted day field it makes the schedule fire every day.
const fn is_any(numbers: &Numbers, count: usize) -> bool {
    numbers.is_starred && numbers.list.len() == count
}

/// The days of the month, with their months; `None` when every day of a month is meant.
fn dates(days: &Numbers, months: Option<&str>) -> Option<String> {
    /// The longest month.
    const DAYS: usize = 31;
    (!is_any(days, DAYS)).then(|| {
        let days = runs(&days.list, " to ", ordinal);
        format!("the {days} of {}", months.unwrap_or("every month"))
    })
}

fn month(number: u8) -> String {
    named(&MONTHS, number.saturating_sub(1))
}

fn name(number: u8) -> String {
    named(&WEEKDAYS, number)
}

fn named(names: &[&str], place: u8) -> String {
    names.get(usize::from(place)).map_or_else(String::new, |name| (*name).to_owned())
}

/// The weekdays counted from Monday, in order.
fn monday_first(weekdays: &Numbers) -> Vec<u8> {
    let mut list: Vec<u8> = weekdays.list.iter().map(|weekday| (weekday + 6) % 7).collect();
    list.sort_unstable();
    list
}

fn ordinal(number: u8) -> String {
    let ending = match (number % 10, number % 100) {
        (_, 11..=13) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    };
    format!("{number}{ending}")
}

/// Sorted numbers in words, three or more in a row as a range.
fn runs(numbers: &[u8], to: &str, word: impl Fn(u8) -> String) -> String {
    let mut parts = Vec::new();
    let follows = |a: &u8, b: &u8| a.checked_add(1) == Some(*b);
    for run in numbers.chunk_by(follows) {
        match run {
            [first, _, .., last] => parts.push(format!("{}{to}{}", word(*first), word(*last))),
            few => parts.extend(few.iter().map(|number| word(*number))),
        }
    }
    listed(&parts)
}

/// `a`, `a and b`, `a, b and c`.
fn listed(parts: &[String]) -> String {
    match parts {
        [] => String::new(),
        [one] => one.clone(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}
