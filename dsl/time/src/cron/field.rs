//! The five fields of a crontab line: what may stand in each, and what it stands for.

use super::CronError;

/// What stands in one field.
#[derive(Clone, Debug)]
pub(super) struct Numbers {
    /// Sorted, each once; Sunday is 0.
    pub(super) list: Vec<u8>,
    /// Whether the text begins with `*`: then the field restricts nothing, as Vixie's cron has it.
    pub(super) is_starred: bool,
}

/// One of the five fields: its name, its range, and what to say when it is wrong.
pub(super) struct Field {
    name: &'static str,
    expected: &'static str,
    range: (u8, u8),
    /// Names for the numbers from the start of the range.
    names: &'static [&'static str],
}

pub(super) const FIELDS: [Field; 5] = [
    Field {
        name: "minute",
        expected: "0–59, `*`, `*/15`, `0,30` or `10-20`",
        range: (0, 59),
        names: &[],
    },
    Field {
        name: "hour",
        expected: "0–23, `*`, `*/4`, `7,9` or `9-17`",
        range: (0, 23),
        names: &[],
    },
    Field {
        name: "day of month",
        expected: "1–31, `*`, `1,15` or `1-7`",
        range: (1, 31),
        names: &[],
    },
    Field {
        name: "month",
        expected: "1–12, `JAN`–`DEC`, `*` or `*/3`",
        range: (1, 12),
        names: &[
            "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC",
        ],
    },
    Field {
        name: "weekday",
        expected: "0–7 (0 and 7 are Sunday), `SUN`–`SAT`, `*` or `MON-FRI`",
        range: (0, 7),
        names: &["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"],
    },
];

impl Field {
    /// The numbers that `text` stands for.
    pub(super) fn numbers(&self, text: &str) -> Result<Numbers, CronError> {
        let wrong = || CronError::Field {
            field: self.name,
            text: text.to_owned(),
            expected: self.expected,
        };
        let mut list = Vec::new();
        for item in text.split(',') {
            list.extend(self.item(item).ok_or_else(wrong)?);
        }
        if self.is_weekday() {
            // Sunday is 7 as well as 0.
            for weekday in &mut list {
                *weekday %= 7;
            }
        }
        list.sort_unstable();
        list.dedup();
        Ok(Numbers { list, is_starred: text.starts_with('*') })
    }

    /// `*`, `a` or `a-b`, each with `/step` or without. As in Vixie's cron a step belongs to a
    /// range, and `a/step` is refused rather than guessed.
    fn item(&self, item: &str) -> Option<impl Iterator<Item = u8> + use<>> {
        let (range, step) = match item.split_once('/') {
            Some((range, step)) => (range, Some(parse_number(step)?)),
            None => (item, None),
        };
        let (from, to) = match range.split_once('-') {
            _ if range == "*" => self.range,
            Some((from, to)) => (self.number(from)?, self.last_number(to)?),
            None if step.is_some() => return None,
            None => (self.number(range)?, self.number(range)?),
        };
        let step = step.unwrap_or(1);
        (from <= to && step > 0).then(|| (from..=to).step_by(usize::from(step)))
    }

    fn is_weekday(&self) -> bool {
        self.name == "weekday"
    }

    fn number(&self, text: &str) -> Option<u8> {
        let named =
            self.names.iter().zip(self.range.0..).find(|(n, _)| n.eq_ignore_ascii_case(text));
        let number = named.map_or_else(|| parse_number(text), |(_, number)| Some(number))?;
        (self.range.0..=self.range.1).contains(&number).then_some(number)
    }

    /// As the end of a range Sunday is the seventh day: `SAT-SUN` is a weekend.
    fn last_number(&self, text: &str) -> Option<u8> {
        match self.number(text)? {
            0 if self.is_weekday() => Some(7),
            number => Some(number),
        }
    }
}

/// Digits alone: `str::parse` would take `+5` too.
fn parse_number(text: &str) -> Option<u8> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}
