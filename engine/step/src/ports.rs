//! What a step is given and what it gives back, by port name.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use suho_domain::{Fault, Record, Value};

/// The values of a step's input ports.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Inputs(Record);

/// The values of a step's output ports.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Outputs(Record);

/// Why an input cannot be read as what the step takes it for.
#[derive(Debug, thiserror::Error)]
pub enum PortError {
    /// The plan gives the port nothing. `Bug`.
    #[error("input `{port}` is missing")]
    Missing {
        /// The port.
        port: String,
    },
    /// The plan gives the port a value of another type. `Bug`.
    #[error("input `{port}` cannot be `{value}`")]
    Mistyped {
        /// The port.
        port: String,
        /// What the plan gives it, as a person would write it.
        value: String,
        /// What the type says about it.
        #[source]
        source: serde_json::Error,
    },
    /// The port is given a measurement that has no answer. `User`.
    #[error("input `{port}` is undefined: {reason}")]
    Undefined {
        /// The port.
        port: String,
        /// Why there is no answer.
        reason: String,
    },
}

impl PortError {
    /// Who has to act.
    pub const fn fault(&self) -> Fault {
        match self {
            Self::Missing { .. } | Self::Mistyped { .. } => Fault::Bug,
            Self::Undefined { .. } => Fault::User,
        }
    }
}

impl Inputs {
    /// The inputs of `record`.
    pub const fn new(record: Record) -> Self {
        Self(record)
    }

    /// All of them.
    pub const fn record(&self) -> &Record {
        &self.0
    }

    /// The value of `port`, if the plan gives one.
    pub fn get(&self, port: &str) -> Option<&Value> {
        self.0.get(port)
    }

    /// The value of `port`.
    ///
    /// # Errors
    /// When the plan gives none.
    pub fn value(&self, port: &str) -> Result<&Value, PortError> {
        self.get(port).ok_or_else(|| PortError::Missing { port: port.to_owned() })
    }

    /// The value of `port` as a `T`, read from its plain JSON ([`Value::to_plain`]).
    ///
    /// A port that is not given reads as `none`, so an optional port is read as `Option<T>`.
    ///
    /// # Errors
    /// When nothing or something else is there; the error names the port.
    pub fn read<T: DeserializeOwned>(&self, port: &str) -> Result<T, PortError> {
        let given = self.get(port);
        let value = given.unwrap_or(&Value::None);
        T::deserialize(&value.to_plain()).map_err(|source| match (given, value) {
            (None, _) => PortError::Missing { port: port.to_owned() },
            (Some(_), Value::Undefined(reason)) => {
                PortError::Undefined { port: port.to_owned(), reason: reason.clone() }
            }
            (Some(_), value) => {
                PortError::Mistyped { port: port.to_owned(), value: value.to_string(), source }
            }
        })
    }
}

impl Outputs {
    /// No outputs yet.
    pub const fn new() -> Self {
        Self(Record::new())
    }

    /// Gives `port` its value; a second value replaces the first.
    pub fn set(&mut self, port: &str, value: Value) {
        self.0.insert(port.to_owned(), value);
    }

    /// The same outputs with `port` given its value.
    #[must_use]
    pub fn with(mut self, port: &str, value: Value) -> Self {
        self.set(port, value);
        self
    }

    /// The value of `port`, if it has one.
    pub fn get(&self, port: &str) -> Option<&Value> {
        self.0.get(port)
    }

    /// All of them.
    pub const fn record(&self) -> &Record {
        &self.0
    }

    /// All of them, to keep.
    pub fn into_record(self) -> Record {
        self.0
    }
}

impl From<Record> for Inputs {
    fn from(record: Record) -> Self {
        Self(record)
    }
}

impl From<Record> for Outputs {
    fn from(record: Record) -> Self {
        Self(record)
    }
}

#[cfg(test)]
mod tests;
