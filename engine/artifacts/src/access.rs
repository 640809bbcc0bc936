//! How an object store is reached: its address and its key, as every tool for S3 is given them.

use std::fmt;
use std::time::Duration;

/// What opens the buckets of an object store.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Access {
    /// Where the store answers, such as `http://localhost:9000`; none for Amazon's own.
    pub endpoint: Option<String>,
    /// The region that requests are signed for. Stores other than Amazon's take any.
    pub region: String,
    /// Who asks; none where nobody has said.
    pub key: Option<Key>,
    /// How long is waited.
    pub patience: Patience,
}

/// A key and its secret, which is never shown.
#[derive(Clone, Eq, PartialEq)]
pub struct Key {
    /// The public half.
    pub id: String,
    /// The secret half.
    pub secret: String,
    /// What a temporary key needs besides.
    pub session: Option<String>,
}

/// How long is waited for a store.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Patience {
    /// For a connection.
    pub connect: Duration,
    /// For the whole of an answer, and for it to be asked again.
    pub answer: Duration,
    /// How often is asked again what went wrong for a moment.
    pub retries: usize,
}

impl Patience {
    /// Ten seconds for a connection, ten minutes for an answer, three more tries.
    pub const fn standard() -> Self {
        Self { connect: Duration::from_secs(10), answer: Duration::from_mins(10), retries: 3 }
    }
}

/// The variables that are looked at. Executors hand them to the steps of the engine itself.
pub const VARIABLES: [&str; 7] = [
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
    "AWS_ENDPOINT_URL_S3",
    "AWS_ENDPOINT_URL",
];

impl Access {
    /// As the environment of this process says.
    pub fn of_environment() -> Self {
        #[expect(clippy::disallowed_methods, reason = "where S3's tools are given their keys")]
        Self::from(|name| std::env::var(name).ok())
    }

    /// As `variable` says, which knows some of [`VARIABLES`]; an empty one counts as none.
    pub fn from(variable: impl Fn(&str) -> Option<String>) -> Self {
        let known = |name: &str| variable(name).filter(|text| !text.is_empty());
        let key = known("AWS_ACCESS_KEY_ID").zip(known("AWS_SECRET_ACCESS_KEY"));
        Self {
            endpoint: known("AWS_ENDPOINT_URL_S3").or_else(|| known("AWS_ENDPOINT_URL")),
            region: known("AWS_REGION")
                .or_else(|| known("AWS_DEFAULT_REGION"))
                .unwrap_or_else(|| "us-east-1".to_owned()),
            key: key.map(|(id, secret)| Key { id, secret, session: known("AWS_SESSION_TOKEN") }),
            patience: Patience::standard(),
        }
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key").field("id", &self.id).finish_non_exhaustive()
    }
}
