//! A question to people, and who may answer it.

use suho_domain::{Fault, Instant};

/// A step's question to people that nobody has answered yet.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Asked {
    /// Who may answer; anybody if empty. Never who began the run.
    pub of: Vec<String>,
    /// When it was asked.
    pub since: Instant,
    /// Until when it may be answered; after that the answer is no.
    pub until: Option<Instant>,
}

/// Why somebody may not answer.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum Denial {
    /// Nobody approves what they asked for themselves.
    #[error("`{by}` began the run, and somebody else has to decide")]
    Own {
        /// Who.
        by: String,
    },
    /// Others were asked.
    #[error("`{by}` is not asked: {} may decide", list(of))]
    NotAsked {
        /// Who.
        by: String,
        /// Who is.
        of: Vec<String>,
    },
    /// The time is over.
    #[error("it could be decided until {until}")]
    Late {
        /// Until when.
        until: Instant,
    },
}

impl Denial {
    /// Who has to act.
    pub const fn fault(&self) -> Fault {
        Fault::User
    }
}

impl Asked {
    /// Whether `by` may answer at `at` for a run that `beginner` began.
    ///
    /// # Errors
    /// Why not.
    pub fn admits(&self, by: &str, beginner: &str, at: Instant) -> Result<(), Denial> {
        let by = by.trim();
        if let Some(until) = self.until.filter(|until| *until <= at) {
            return Err(Denial::Late { until });
        }
        if by == beginner {
            return Err(Denial::Own { by: by.to_owned() });
        }
        if self.of.is_empty() || self.of.iter().any(|name| name == by) {
            return Ok(());
        }
        Err(Denial::NotAsked { by: by.to_owned(), of: self.of.clone() })
    }

    /// As a sentence goes on: `waits for ann or bob until …`.
    pub fn awaited(&self) -> String {
        let of = if self.of.is_empty() { "an approval".to_owned() } else { list(&self.of) };
        match self.until {
            Some(until) => format!("{of} until {until}"),
            None => of,
        }
    }
}

/// `ann, bob or cid`.
fn list(names: &[String]) -> String {
    match names {
        [] => "nobody".to_owned(),
        [only] => format!("`{only}`"),
        [first @ .., last] => {
            let first: Vec<_> = first.iter().map(|name| format!("`{name}`")).collect();
            format!("{} or `{last}`", first.join(", "))
        }
    }
}
