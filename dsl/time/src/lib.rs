//! Wall-clock cron, zones, market calendars and market-time arithmetic. A pure leaf.
//!
//! Everything here is a function of its arguments: nothing reads a clock, a file or the environment.
//! Instants are `DateTime<Utc>`; lengths of time and timeframes are [`chrono::TimeDelta`].

mod calendar;
mod cron;
mod holidays;
mod jitter;
mod recurrence;
mod zone;

pub use calendar::{Calendar, ExpectedBars, Session, Sessions, Side, UnknownCalendar};
pub use cron::{Cron, CronError, Firings};
pub use holidays::{Holiday, HolidayKind};
pub use jitter::jitter;
pub use recurrence::{Days, MonthEnd, Recurrence, Rule, RuleError};
pub use zone::{LocalTime, UnknownZone, parse_zone, resolve_local};
