//! Times that come again, as a trigger or a look for drift says them.

use chrono_tz::Tz;
use std::fmt;
use suho_domain::Value;
use suho_time::{Calendar, Days, Recurrence, Rule, RuleError, parse_zone};

/// When something is due again and again, but for the zone that the project's text leaves open.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Recurring {
    /// By the clock, by a market's days or by its sessions.
    pub rule: Rule,
    /// The clock's zone, where it is not the project's.
    pub timezone: Option<Tz>,
    /// Whose sessions and days it goes by.
    pub calendar: Calendar,
    /// On which days what is due is done.
    pub days: Days,
}

impl Recurring {
    /// What a `cron(…)` or `calendar(…)` of the library says; none for any other value.
    pub fn of(value: &Value) -> Option<Self> {
        let Value::Variant(variant) = value else { return None };
        let text = |field: &str| variant.fields.get(field)?.as_text();
        let timezone = text("timezone").and_then(|zone| parse_zone(zone).ok());
        match variant.name.as_str() {
            "cron" => {
                let written = text("schedule").or_else(|| text("expression"))?;
                let business = variant.fields.get("days").and_then(|days| days.field("of"));
                let (calendar, days) = match business {
                    Some(of) => (calendar(of)?, Days::Business),
                    None => (Calendar::Always, Days::Every),
                };
                let rule = Rule::Cron(written.parse().ok()?);
                Some(Self { rule, timezone, calendar, days })
            }
            "calendar" => {
                let calendar = calendar(variant.fields.get("of")?)?;
                let rule = text("rule")?.parse().ok()?;
                Some(Self { rule, timezone, calendar, days: Days::Every })
            }
            _ => None,
        }
    }

    /// All of it, by the clocks of `zone` where it names no other.
    ///
    /// # Errors
    /// When it goes by sessions and its calendar has none, which checking tells.
    pub fn checked(&self, zone: Tz) -> Result<Recurrence, RuleError> {
        let zone = self.timezone.unwrap_or(zone);
        Recurrence::new(self.rule.clone(), zone, self.calendar, self.days)
    }

    /// As [`checked`](Self::checked) of a program without errors.
    pub fn recurrence(&self, zone: Tz) -> Option<Recurrence> {
        self.checked(zone).ok()
    }
}

fn calendar(value: &Value) -> Option<Calendar> {
    value.to_string().parse().ok()
}

/// As it is written: `calendar(xnys, "30m before open")`.
impl fmt::Display for Recurring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.rule {
            Rule::Cron(cron) => write!(f, "cron(\"{cron}\"")?,
            rule => write!(f, "calendar({}, \"{rule}\"", self.calendar)?,
        }
        if let Some(zone) = self.timezone {
            write!(f, ", timezone: \"{}\"", zone.name())?;
        }
        if self.days == Days::Business {
            write!(f, ", days: business({})", self.calendar)?;
        }
        f.write_str(")")
    }
}
