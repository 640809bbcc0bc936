//! Spans of time: exact ones, and calendar periods.

use super::{NotAQuantity, as_text, decimal};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// An exact span of time in nanoseconds; a day is 24 hours. Written `200ms`, `7h5m`, `2d`.
#[derive(
    Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize, Deserialize,
)]
#[serde(try_from = "String", into = "String")]
pub struct Duration(i64);

/// Units from the longest to the shortest, with their nanoseconds. Weeks are read, never written.
const UNITS: [(&str, i64); 7] = [
    ("d", 86_400_000_000_000),
    ("h", 3_600_000_000_000),
    ("m", 60_000_000_000),
    ("s", 1_000_000_000),
    ("ms", 1_000_000),
    ("us", 1_000),
    ("ns", 1),
];
const WEEK: i64 = 7 * 86_400_000_000_000;

impl Duration {
    /// No time at all.
    pub const ZERO: Self = Self(0);
    /// One minute.
    pub const MINUTE: Self = Self(60_000_000_000);
    /// One hour.
    pub const HOUR: Self = Self(3_600_000_000_000);
    /// 24 hours.
    pub const DAY: Self = Self(86_400_000_000_000);

    /// `nanos` nanoseconds.
    pub const fn from_nanos(nanos: i64) -> Self {
        Self(nanos)
    }

    /// `micros` microseconds, held at the longest duration.
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros.saturating_mul(1_000))
    }

    /// `millis` milliseconds, held at the longest duration.
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis.saturating_mul(1_000_000))
    }

    /// `seconds` seconds, held at the longest duration.
    pub const fn from_seconds(seconds: i64) -> Self {
        Self(seconds.saturating_mul(1_000_000_000))
    }

    /// `minutes` minutes, held at the longest duration.
    pub const fn from_minutes(minutes: i64) -> Self {
        Self(minutes.saturating_mul(60_000_000_000))
    }

    /// `hours` hours, held at the longest duration.
    pub const fn from_hours(hours: i64) -> Self {
        Self(hours.saturating_mul(3_600_000_000_000))
    }

    /// A measured latency; `None` when `millis` is not finite or beyond 292 years.
    pub fn measured_ms(millis: f64) -> Option<Self> {
        let nanos = (millis * 1e6).round();
        if nanos.abs() < 9.2e18 {
            #[expect(clippy::cast_possible_truncation, reason = "checked to fit just above")]
            Some(Self(nanos as i64))
        } else {
            None
        }
    }

    /// In nanoseconds.
    pub const fn nanos(self) -> i64 {
        self.0
    }

    /// In whole microseconds, cut towards zero.
    pub const fn micros(self) -> i64 {
        self.0 / 1_000
    }

    /// In milliseconds.
    pub fn millis_f64(self) -> f64 {
        self.0 as f64 / 1e6
    }

    /// In whole minutes, cut towards zero.
    pub const fn minutes(self) -> i64 {
        self.0 / 60_000_000_000
    }

    /// In hours.
    pub fn hours_f64(self) -> f64 {
        self.0 as f64 / 3.6e12
    }

    /// As the standard library's; negative becomes zero.
    pub fn to_std(self) -> std::time::Duration {
        std::time::Duration::from_nanos(u64::try_from(self.0).unwrap_or(0))
    }

    /// The sum, held at the longest duration.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// The difference, held at the longest duration.
    #[must_use]
    pub const fn minus(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }

    /// `number` times as long; `None` when that does not fit.
    pub fn times(self, number: Decimal) -> Option<Self> {
        Decimal::from(self.0).checked_mul(number)?.round().to_i64().map(Self)
    }
}

impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 == 0 {
            return f.write_str("0s");
        }
        let mut rest = self.0.unsigned_abs();
        if self.0 < 0 {
            f.write_str("-")?;
        }
        for (unit, nanos) in UNITS {
            let nanos = nanos.unsigned_abs();
            // `48h` reads better than `2d` and is what people write for rollouts; from three days
            // on, days do.
            if unit == "d" && rest < 3 * nanos {
                continue;
            }
            if rest / nanos > 0 {
                write!(f, "{}{unit}", rest / nanos)?;
            }
            rest %= nanos;
        }
        Ok(())
    }
}

impl FromStr for Duration {
    type Err = NotAQuantity;
    fn from_str(text: &str) -> Result<Self, NotAQuantity> {
        let refused = || NotAQuantity::new(text, "a duration like `200ms`, `6h` or `7h5m`");
        let (sign, mut rest) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
        if rest == "0" || rest.is_empty() {
            return Err(refused());
        }
        let mut total = Decimal::ZERO;
        while !rest.is_empty() {
            let digits = rest.find(|c: char| c.is_ascii_alphabetic()).ok_or_else(refused)?;
            let (number, after) = rest.split_at_checked(digits).ok_or_else(refused)?;
            let end = after.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(after.len());
            let (unit, after) = after.split_at_checked(end).ok_or_else(refused)?;
            let known = UNITS.iter().find(|(name, _)| *name == unit).map(|(_, nanos)| *nanos);
            let nanos = known.or_else(|| (unit == "w").then_some(WEEK)).ok_or_else(refused)?;
            let number = decimal(number).ok_or_else(refused)?;
            let part = number.checked_mul(nanos.into()).ok_or_else(refused)?;
            total = total.checked_add(part).ok_or_else(refused)?;
            rest = after;
        }
        if !total.fract().is_zero() {
            return Err(refused());
        }
        total.to_i64().and_then(|nanos| nanos.checked_mul(sign)).map(Self).ok_or_else(refused)
    }
}

/// A calendar period: months and years, whose length depends on where they start.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Period {
    months: u32,
}

impl Period {
    /// `months` months.
    pub const fn from_months(months: u32) -> Self {
        Self { months }
    }

    /// How many months.
    pub const fn months(self) -> u32 {
        self.months
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.months / 12, self.months % 12) {
            (years, 0) if years > 0 => write!(f, "{years}y"),
            (0, months) => write!(f, "{months}mo"),
            (years, months) => write!(f, "{years}y{months}mo"),
        }
    }
}

impl FromStr for Period {
    type Err = NotAQuantity;
    fn from_str(text: &str) -> Result<Self, NotAQuantity> {
        let refused = || NotAQuantity::new(text, "a period like `2y` or `1mo`");
        let (years, months) = match text.split_once('y') {
            Some((years, months)) => (years, months),
            None => ("0", text),
        };
        let years: u32 = years.parse().map_err(|_| refused())?;
        let months: u32 = match months {
            "" => 0,
            months => {
                let number = months.strip_suffix("mo").ok_or_else(refused)?;
                number.parse().map_err(|_| refused())?
            }
        };
        let total = years.checked_mul(12).and_then(|y| y.checked_add(months));
        total.map(Self::from_months).ok_or_else(refused)
    }
}

as_text!(Duration);
as_text!(Period);
