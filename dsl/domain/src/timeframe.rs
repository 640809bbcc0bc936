//! How long a bar lasts.

use crate::Duration;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A bar's length: whole minutes that divide a day.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Timeframe(u32);

/// A length that no bar has.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error(
    "`{0}` is not a timeframe: whole minutes that divide a day, as `1m`, `15m`, `1h`, `4h`, `1d`"
)]
pub struct NotATimeframe(String);

impl Timeframe {
    const MINUTES_A_DAY: u32 = 1440;

    /// Bars of `minutes`.
    ///
    /// # Errors
    /// When `minutes` is 0 or does not divide a day.
    pub fn from_minutes(minutes: u32) -> Result<Self, NotATimeframe> {
        let divides = minutes > 0 && Self::MINUTES_A_DAY.is_multiple_of(minutes);
        if divides { Ok(Self(minutes)) } else { Err(NotATimeframe(format!("{minutes}m"))) }
    }

    /// Bars as long as `duration`.
    ///
    /// # Errors
    /// When no bar is that long.
    pub fn from_duration(duration: Duration) -> Result<Self, NotATimeframe> {
        let refused = || NotATimeframe(duration.to_string());
        let whole = duration.nanos() % Duration::MINUTE.nanos() == 0;
        let minutes = u32::try_from(duration.nanos() / Duration::MINUTE.nanos());
        match minutes {
            Ok(minutes) if whole => Self::from_minutes(minutes).map_err(|_| refused()),
            _ => Err(refused()),
        }
    }

    /// Minutes a bar lasts.
    pub const fn minutes(self) -> u32 {
        self.0
    }

    /// How long a bar lasts.
    pub fn duration(self) -> Duration {
        Duration::from_minutes(i64::from(self.0))
    }
}

impl fmt::Display for Timeframe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Self::MINUTES_A_DAY => f.write_str("1d"),
            minutes if minutes % 60 == 0 => write!(f, "{}h", minutes / 60),
            minutes => write!(f, "{minutes}m"),
        }
    }
}

impl std::str::FromStr for Timeframe {
    type Err = NotATimeframe;
    fn from_str(text: &str) -> Result<Self, NotATimeframe> {
        let duration: Duration = text.parse().map_err(|_| NotATimeframe(text.to_owned()))?;
        Self::from_duration(duration).map_err(|_| NotATimeframe(text.to_owned()))
    }
}

impl TryFrom<String> for Timeframe {
    type Error = NotATimeframe;
    fn try_from(text: String) -> Result<Self, NotATimeframe> {
        text.parse()
    }
}

impl From<Timeframe> for String {
    fn from(timeframe: Timeframe) -> Self {
        timeframe.to_string()
    }
}
