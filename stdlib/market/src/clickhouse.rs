//! Bars from ClickHouse over HTTP, as they were known at an instant.
//!
//! Works with servers from 18.16 (2018) on: what a server can do is asked for once, and the query is
//! written in its dialect. Values are bound where the server knows how, and quoted where it does
//! not; the query only reads, because a GET can do nothing else in ClickHouse. No settings are sent
//! unless a person asks for compression, so that an account with `readonly = 1` suffices.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use suho_domain::Fault;

use crate::bars::Bars;
use crate::source::{ColumnNames, Reading, SourceError};

mod answer;
mod dialect;
mod http;
mod query;

pub use query::{AsOf, Parameter, PointInTime, Query, Statement};

use dialect::Dialect;

/// A server, and how to speak with it.
#[derive(Clone, Debug)]
pub struct ClickHouse {
    /// Where it listens: `http://host:8123` or `https://host:8443`.
    pub url: String,
    /// Who asks; none for the server's default account.
    pub account: Option<Account>,
    /// The database of tables without one; none for the account's own.
    pub database: Option<String>,
    /// Whether answers come compressed. Needs an account that may change settings.
    pub compression: Compression,
    /// Whether the types of the answer's columns are looked at before its values.
    pub validation: Validation,
    /// How answers come; none to take the best that the server knows.
    pub format: Option<WireFormat>,
    /// How long to wait.
    pub patience: Patience,
}

/// An account's name and password.
#[derive(Clone)]
pub struct Account {
    /// Its name.
    pub user: String,
    /// Its password, which is sent as a header and shown nowhere.
    pub password: String,
}

/// Whether answers come compressed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Compression {
    /// As they are.
    Off,
    /// By gzip.
    Gzip,
}

/// Whether the types of an answer's columns are looked at.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Validation {
    /// Values alone count.
    Off,
    /// A column of prices must be of a number's type, in the words of the server.
    On,
}

/// How an answer comes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum WireFormat {
    /// Rows in JSON, which every server knows.
    JsonCompact,
    /// Columns in Parquet, which current servers know.
    Parquet,
}

/// How long to wait for a server.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Patience {
    /// For a connection.
    pub connect: Duration,
    /// For the whole of an answer.
    pub answer: Duration,
}

impl Patience {
    /// Ten seconds for a connection and ten minutes for an answer: years of minutes are large.
    pub const fn standard() -> Self {
        Self { connect: Duration::from_secs(10), answer: Duration::from_mins(10) }
    }
}

impl ClickHouse {
    /// A server at `url` with its default account, nothing compressed, types looked at.
    pub fn at(url: &str) -> Self {
        Self {
            url: url.to_owned(),
            account: None,
            database: None,
            compression: Compression::Off,
            validation: Validation::On,
            format: None,
            patience: Patience::standard(),
        }
    }

    /// The bars that `query` asks for, and what was asked.
    ///
    /// # Errors
    /// When the server cannot be reached, refuses, breaks off or answers something else than bars.
    pub fn bars(
        &self,
        query: &Query<'_>,
        reading: &Reading<'_>,
    ) -> Result<Extract, ClickHouseError> {
        let version = self.version()?;
        let dialect = Dialect::of(&version);
        let wanted = self.format.unwrap_or_else(|| dialect.best_format());
        match self.extract(query, reading, dialect, &version, wanted) {
            // Built without Parquet, as some distributions do.
            Err(ClickHouseError::Refused { code: Some(code), .. })
                if code == UNKNOWN_FORMAT && self.format.is_none() =>
            {
                self.extract(query, reading, dialect, &version, WireFormat::JsonCompact)
            }
            extract => extract,
        }
    }

    /// Whose the rows are that `table` counts, and when the last of each arrived: what the server
    /// says, not what it was asked.
    ///
    /// `version`: as the extract of the same rows gave it.
    ///
    /// # Errors
    /// As [`bars`](Self::bars).
    pub fn whose(
        &self,
        table: &PointInTime<'_>,
        names: &ColumnNames,
        version: &str,
    ) -> Result<Vec<TenantRows>, ClickHouseError> {
        let statement = table.whose(Dialect::of(version), names)?;
        let body = http::ask(self, &statement, WireFormat::JsonCompact.name())?;
        answer::whose(&body, self, &PathBuf::from(Query::Table(*table).origin()))
    }

    /// The server's version, such as `24.8.4.13`.
    ///
    /// # Errors
    /// As [`bars`](Self::bars).
    pub fn version(&self) -> Result<String, ClickHouseError> {
        let statement = Statement { sql: "SELECT version()".to_owned(), parameters: Vec::new() };
        let body = http::ask(self, &statement, "TabSeparated")?;
        let text = String::from_utf8_lossy(&body);
        let version = text.trim();
        let is_version = version.starts_with(|first: char| first.is_ascii_digit());
        if is_version && version.len() < 64 {
            return Ok(version.to_owned());
        }
        Err(ClickHouseError::NotClickHouse { url: self.url.clone() })
    }

    fn extract(
        &self,
        query: &Query<'_>,
        reading: &Reading<'_>,
        dialect: Dialect,
        version: &str,
        format: WireFormat,
    ) -> Result<Extract, ClickHouseError> {
        let statement = query.statement(dialect, format, reading.names)?;
        let body = http::ask(self, &statement, format.name())?;
        let origin = PathBuf::from(query.origin());
        let bars = match format {
            WireFormat::JsonCompact => answer::json(&body, self, query, &origin, reading)?,
            WireFormat::Parquet => answer::parquet(body, self, query, &origin, reading)?,
        };
        Ok(Extract { bars, statement, version: version.to_owned(), format })
    }
}

/// The server's number for a format that it does not know.
const UNKNOWN_FORMAT: u32 = 73;

impl WireFormat {
    /// The server's name for it.
    const fn name(self) -> &'static str {
        match self {
            Self::JsonCompact => "JSONCompact",
            Self::Parquet => "Parquet",
        }
    }
}

/// Bars, and for lineage how they were had.
#[derive(Clone, Debug, PartialEq)]
pub struct Extract {
    /// The bars, in order of time.
    pub bars: Bars,
    /// What was asked.
    pub statement: Statement,
    /// The version of the server that answered.
    pub version: String,
    /// How the answer came.
    pub format: WireFormat,
}

/// Rows of one tenant among those that made bars.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct TenantRows {
    /// Whose they are.
    pub tenant: String,
    /// How many.
    pub rows: usize,
    /// When the last of them arrived, in µs since 1970 UTC.
    pub arrived: i64,
}

/// Why there are no bars from ClickHouse.
#[derive(Debug, thiserror::Error)]
pub enum ClickHouseError {
    /// An address that is none.
    #[error("`{url}` is no address of a server; write `http://host:8123`")]
    Url {
        /// What was written.
        url: String,
    },
    /// A name that would not be one in SQL.
    #[error(
        "`{name}` is no name of a table or column: letters, digits and `_`, with `.` between a database and a table"
    )]
    Name {
        /// What was written.
        name: String,
    },
    /// Something else listens there.
    #[error("what answers at `{url}` is not ClickHouse")]
    NotClickHouse {
        /// The server's address.
        url: String,
    },
    /// Nobody listens, or the network does not lead there.
    #[error("cannot reach ClickHouse at `{url}`")]
    Unreachable {
        /// The server's address.
        url: String,
        /// What the client said.
        #[source]
        source: Box<ureq::Error>,
    },
    /// No answer, or not all of it, in time.
    #[error("ClickHouse at `{url}` did not answer within {} s", patience.as_secs_f64())]
    Slow {
        /// The server's address.
        url: String,
        /// How long was waited.
        patience: Duration,
    },
    /// An answer that ends before it is complete.
    #[error("the answer of ClickHouse at `{url}` breaks off after {bytes} bytes")]
    BrokenOff {
        /// The server's address.
        url: String,
        /// How much of it arrived.
        bytes: usize,
    },
    /// More than is read at once.
    #[error("the answer of ClickHouse at `{url}` is larger than {bytes_max} bytes")]
    TooLarge {
        /// The server's address.
        url: String,
        /// The most that is read.
        bytes_max: u64,
    },
    /// The server says no, also when it says so in the middle of an answer.
    #[error("ClickHouse at `{url}` refuses{}: {message}", code.map(|code| format!(" (code {code})")).unwrap_or_default())]
    Refused {
        /// The server's address.
        url: String,
        /// The status of the answer.
        status: u16,
        /// The server's number of the error; none where it gives none.
        code: Option<u32>,
        /// The first line of what the server says.
        message: String,
    },
    /// The answer holds something else than bars.
    #[error("the answer of ClickHouse cannot be used")]
    Answer {
        /// What is wrong with it.
        #[source]
        source: Box<SourceError>,
    },
}

impl ClickHouseError {
    /// What the server refuses for want of time, memory or peers may go better another time; a
    /// query, a name or a password that is wrong will not.
    pub fn fault(&self) -> Fault {
        match self {
            Self::Url { .. } | Self::Name { .. } | Self::NotClickHouse { .. } => Fault::User,
            Self::Unreachable { .. }
            | Self::Slow { .. }
            | Self::BrokenOff { .. }
            | Self::TooLarge { .. } => Fault::World,
            Self::Refused { status, code, .. } => refused(*status, *code),
            Self::Answer { source } => source.fault(),
        }
    }

    /// The word by which documentation knows the error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Url { .. } => "bad-url",
            Self::Name { .. } => "bad-name",
            Self::NotClickHouse { .. } => "not-clickhouse",
            Self::Unreachable { .. } => "unreachable-server",
            Self::Slow { .. } => "slow-server",
            Self::BrokenOff { .. } => "broken-answer",
            Self::TooLarge { .. } => "large-answer",
            Self::Refused { .. } => "refused-query",
            Self::Answer { source } => source.code(),
        }
    }
}

/// Whose fault a refusal is.
fn refused(status: u16, code: Option<u32>) -> Fault {
    /// Timeouts, limits of memory, load and queues, lost peers and disks, by the server's numbers.
    const PASSING: [u32; 22] = [
        3, 159, 160, 202, 203, 209, 210, 236, 241, 242, 243, 252, 279, 285, 319, 394, 425, 439,
        999, 1_000, 1_001, 1_002,
    ];
    let is_passing = match code {
        Some(code) => PASSING.contains(&code),
        None => status == 429 || status >= 500,
    };
    if is_passing { Fault::World } else { Fault::User }
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Account").field("user", &self.user).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
