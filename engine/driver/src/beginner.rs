//! Who or what began a run, as its row's `created_by` says it in one text.

use std::fmt;

/// Who or what began a run.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Beginner<'r> {
    /// A person.
    Person(&'r str),
    /// A schedule, at a tick.
    Schedule(&'r str),
    /// A push that a trigger waits for.
    Push(&'r str),
    /// A person, for an instant of a schedule that is over.
    Backfill {
        /// The schedule.
        schedule: &'r str,
        /// Who.
        person: &'r str,
    },
    /// A person, who wants a model trained anew.
    Retrain {
        /// The model.
        model: &'r str,
        /// Who.
        person: &'r str,
    },
}

impl<'r> Beginner<'r> {
    /// What `created_by` says.
    pub fn of(created_by: &'r str) -> Self {
        let whole = Self::Person(created_by);
        let Some((what, rest)) = created_by.split_once(':') else { return whole };
        match (what, rest.split_once(':')) {
            ("schedule", _) => Self::Schedule(rest),
            ("push", _) => Self::Push(rest),
            ("backfill", Some((schedule, person))) => Self::Backfill { schedule, person },
            ("retrain", Some((model, person))) => Self::Retrain { model, person },
            _ => whole,
        }
    }

    /// What `created_by` is to say.
    pub fn written(self) -> String {
        match self {
            Self::Person(person) => person.to_owned(),
            Self::Schedule(schedule) => format!("schedule:{schedule}"),
            Self::Push(trigger) => format!("push:{trigger}"),
            Self::Backfill { schedule, person } => format!("backfill:{schedule}:{person}"),
            Self::Retrain { model, person } => format!("retrain:{model}:{person}"),
        }
    }

    /// The person, if it was one: who may not answer what the run asks.
    pub const fn person(self) -> Option<&'r str> {
        match self {
            Self::Person(person) | Self::Backfill { person, .. } | Self::Retrain { person, .. } => {
                Some(person)
            }
            Self::Schedule(_) | Self::Push(_) => None,
        }
    }
}

/// As people read it: `ana`, `schedule monthly`, `backfill of monthly, for ana`.
impl fmt::Display for Beginner<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Person(person) => f.write_str(person),
            Self::Schedule(schedule) => write!(f, "schedule {schedule}"),
            Self::Push(trigger) => write!(f, "push, trigger {trigger}"),
            Self::Backfill { schedule, person } => {
                write!(f, "backfill of {schedule}, for {person}")
            }
            Self::Retrain { model, person } => write!(f, "retraining of {model}, for {person}"),
        }
    }
}

#[cfg(test)]
mod tests;
