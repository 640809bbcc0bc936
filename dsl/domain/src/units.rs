//! Numbers with units. Units are types: five percentage points are not five percent.
//!
//! Each is written as in a `.suho` file, and so it stands in plans, logs and JSON: `10%`, `5pp`,
//! `7h5m`, `0.8pip`, `40 USD`, `2y`, `16GiB`.

use rust_decimal::prelude::{FromPrimitive as _, ToPrimitive as _};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

mod bytes;
mod duration;
pub use bytes::Bytes;
pub use duration::{Duration, Period};
pub use rust_decimal::Decimal;

/// A text that is no quantity of the unit asked for.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("`{text}` is not {wanted}")]
pub struct NotAQuantity {
    text: String,
    wanted: &'static str,
}

impl NotAQuantity {
    fn new(text: &str, wanted: &'static str) -> Self {
        Self { text: text.to_owned(), wanted }
    }

    /// What was asked for: ``a ratio like `10%` or `35bps` ``.
    pub const fn wanted(&self) -> &'static str {
        self.wanted
    }
}

/// Gives a newtype its text form: `Display`, `FromStr` and serde agree.
macro_rules! as_text {
    ($name:ident) => {
        impl TryFrom<String> for $name {
            type Error = NotAQuantity;
            fn try_from(text: String) -> Result<Self, NotAQuantity> {
                text.parse()
            }
        }
        impl From<$name> for String {
            fn from(quantity: $name) -> Self {
                quantity.to_string()
            }
        }
    };
}
pub(crate) use as_text;

/// A share of something as a decimal fraction: `10%` is 0.1. May be negative or above 1.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Ratio(Decimal);

impl Ratio {
    /// The ratio `number`, a fraction of one.
    pub const fn new(number: Decimal) -> Self {
        Self(number)
    }

    /// A measured ratio; `None` when `number` is not finite or too large for a decimal.
    ///
    /// Keeps about 15 significant digits, so 1860/3000 is exactly `62%`.
    pub fn measured(number: f64) -> Option<Self> {
        Decimal::from_f64(number).map(|number| Self(number.normalize()))
    }

    /// As a fraction of one.
    pub const fn number(self) -> Decimal {
        self.0
    }

    /// As a fraction of one, in binary.
    pub fn to_f64(self) -> f64 {
        self.0.to_f64().unwrap_or(f64::NAN)
    }
}

impl fmt::Display for Ratio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}%", hundredfold(self.0))
    }
}

fn hundredfold(number: Decimal) -> Decimal {
    number.saturating_mul(Decimal::ONE_HUNDRED).normalize()
}

impl FromStr for Ratio {
    type Err = NotAQuantity;
    fn from_str(text: &str) -> Result<Self, NotAQuantity> {
        let refused = || NotAQuantity::new(text, "a ratio like `10%` or `35bps`");
        let (number, scale) = match (text.strip_suffix('%'), text.strip_suffix("bps")) {
            (Some(number), _) => (number, 2),
            (None, Some(number)) => (number, 4),
            (None, None) => return Err(refused()),
        };
        let number = decimal(number).ok_or_else(refused)?;
        Ok(Self(number.saturating_mul(Decimal::new(1, scale)).normalize()))
    }
}

/// The difference of two ratios: `5pp` leads from 65 % to 60 %.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Points(Decimal);

impl Points {
    /// `number` as a fraction of one: `5pp` is 0.05.
    pub const fn new(number: Decimal) -> Self {
        Self(number)
    }

    /// As a fraction of one.
    pub const fn number(self) -> Decimal {
        self.0
    }

    /// As a fraction of one, in binary.
    pub fn to_f64(self) -> f64 {
        self.0.to_f64().unwrap_or(f64::NAN)
    }
}

impl fmt::Display for Points {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}pp", hundredfold(self.0))
    }
}

impl FromStr for Points {
    type Err = NotAQuantity;
    fn from_str(text: &str) -> Result<Self, NotAQuantity> {
        let refused = || NotAQuantity::new(text, "percentage points like `5pp`");
        let number = text.strip_suffix("pp").and_then(decimal).ok_or_else(refused)?;
        Ok(Self(number.saturating_mul(Decimal::new(1, 2)).normalize()))
    }
}

/// A price difference in pips; worth a price only together with a [`crate::Symbol`].
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Pips(Decimal);

impl Pips {
    /// `number` pips.
    pub const fn new(number: Decimal) -> Self {
        Self(number)
    }

    /// How many pips.
    pub const fn number(self) -> Decimal {
        self.0
    }
}

impl fmt::Display for Pips {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}pip", self.0.normalize())
    }
}

impl FromStr for Pips {
    type Err = NotAQuantity;
    fn from_str(text: &str) -> Result<Self, NotAQuantity> {
        let refused = || NotAQuantity::new(text, "pips like `0.8pip`");
        text.strip_suffix("pip").and_then(decimal).map(Self).ok_or_else(refused)
    }
}

/// An amount in one currency.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Money {
    /// How much.
    pub amount: Decimal,
    /// Three uppercase letters, ISO 4217.
    pub currency: String,
}

impl Money {
    /// What comes together over `time`, where this is the price of an hour.
    #[must_use]
    pub fn over(&self, time: Duration) -> Self {
        let micros_of_hour = Decimal::from(Duration::from_hours(1).micros());
        let hours = Decimal::from(time.micros()) / micros_of_hour;
        Self { amount: self.amount.saturating_mul(hours), currency: self.currency.clone() }
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.amount.normalize(), self.currency)
    }
}

impl FromStr for Money {
    type Err = NotAQuantity;
    fn from_str(text: &str) -> Result<Self, NotAQuantity> {
        let refused = || NotAQuantity::new(text, "money like `40 USD`");
        let (amount, currency) = text.split_once(' ').ok_or_else(refused)?;
        let amount = decimal(amount).ok_or_else(refused)?;
        let fits = currency.len() == 3 && currency.bytes().all(|b| b.is_ascii_uppercase());
        if fits { Ok(Self { amount, currency: currency.to_owned() }) } else { Err(refused()) }
    }
}

as_text!(Ratio);
as_text!(Points);
as_text!(Pips);
as_text!(Money);

/// The number written `text`, `_` between digits allowed.
pub(crate) fn decimal(text: &str) -> Option<Decimal> {
    let plain: String = text.chars().filter(|c| *c != '_').collect();
    let starts = plain.trim_start_matches('-').starts_with(|c: char| c.is_ascii_digit());
    if starts { Decimal::from_str(&plain).ok() } else { None }
}

#[cfg(test)]
mod tests;
