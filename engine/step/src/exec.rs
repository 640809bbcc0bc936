//! What carries out a step of the user's own: a script or a request, with all that it is given.
//!
//! Everything here is resolved but for secrets: an order says where one is kept, never what.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use suho_domain::{Bytes, Duration, Shape};

/// What carries out a step of the user's own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Exec {
    /// How.
    pub how: How,
    /// What it has to give back, and what that must look like.
    pub outputs: BTreeMap<String, Shape>,
    /// Hosts it may reach though their addresses are private: `host` or `host:port`.
    #[serde(default)]
    pub hosts: Vec<String>,
    /// What its processes may take of the machine, all together.
    #[serde(default)]
    pub bounds: Bounds,
    /// Where the step stands, as `FILE:LINE`: what messages name.
    pub place: String,
}

/// How a step of the user's own is carried out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum How {
    /// By a script, given to `sh`.
    Shell {
        /// What runs, raw: nothing is ever put into it.
        script: String,
        /// Its environment, beside what every attempt has.
        env: BTreeMap<String, Variable>,
    },
    /// By a request.
    Http {
        /// `GET`, `POST`, ….
        method: String,
        /// Whom.
        url: String,
        /// What is sent with it.
        #[serde(default)]
        json: Option<serde_json::Value>,
        /// What else stands above it.
        headers: BTreeMap<String, Variable>,
        /// What its outputs are read from.
        answer: Answer,
    },
}

/// What the outputs of a request are read from.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// The answer's fields: it is a JSON object.
    Fields,
    /// The answer as it is: `status` and `body`.
    Whole,
}

/// One thing that stands in an environment or a header.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Variable {
    /// This text.
    Text(String),
    /// What is kept there.
    Secret(Keep),
}

/// Where a secret is kept.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Keep {
    /// In this variable of the engine's environment.
    Env(String),
    /// In this file, from the project's root on; a line end at its end is not part of it.
    File(String),
}

/// What the processes of an attempt may take of the machine, all together.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct Bounds {
    /// Memory resident at any one time; `None` is all there is.
    #[serde(default)]
    pub memory: Option<Bytes>,
    /// Processes at any one time.
    pub processes: u32,
    /// The largest file, in bytes.
    pub file_bytes: u64,
    /// What is kept of each of the two logs, in bytes.
    pub log_bytes: u64,
    /// How long a script is given to end by itself once it is asked to (SIGTERM).
    pub grace: Duration,
}

impl Default for Bounds {
    /// What no honest script comes near, and no machine dies of.
    fn default() -> Self {
        Self {
            memory: None,
            processes: 512,
            file_bytes: 64 << 30,
            log_bytes: 16 << 20,
            grace: Duration::from_seconds(5),
        }
    }
}

impl Exec {
    /// The variables of the engine's environment in which its secrets are kept.
    pub fn secret_variables(&self) -> impl Iterator<Item = &str> {
        let (How::Shell { env: given, .. } | How::Http { headers: given, .. }) = &self.how;
        given.values().filter_map(|variable| match variable {
            Variable::Secret(Keep::Env(name)) => Some(name.as_str()),
            Variable::Secret(Keep::File(_)) | Variable::Text(_) => None,
        })
    }
}
