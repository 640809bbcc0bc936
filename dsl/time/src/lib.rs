//! Wall-clock cron, recurrences, zones, market calendars and market-time arithmetic. A pure leaf.
//!
//! Everything here is a function of its arguments: nothing reads a clock, a file or the environment.
//! Instants are `DateTime<Utc>`; lengths of time and timeframes are [`chrono::TimeDelta`].
//!
//! Cron is held against a walk over every minute (`tests/oracle`, and the example `cron_oracle` for
//! ten years of it) and against Python's `zoneinfo` (`tests/cron_peer.py`); New York's sessions
//! against `exchange_calendars` (`tests/sessions_peer.py`, `tests/golden/xnys_days.csv`). They agree
//! to the second, without exceptions.

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
