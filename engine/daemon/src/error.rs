//! Why the daemon could not start or go on.

use crate::clock::TestClockError;
use crate::desired::Refusal;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use suho_domain::Fault;
use suho_driver::ports::StoreError;
use suho_scheduler::IllegalScheduleEvent;

/// Why the daemon could not start or go on.
#[derive(Debug, thiserror::Error)]
pub enum DaemonError {
    /// Another daemon has the folder.
    #[error("another daemon, process {holder}, works on `{}`", .path.display())]
    Taken {
        /// The folder.
        path: PathBuf,
        /// Its process, as far as it says.
        holder: String,
    },
    /// A file of the daemon's own cannot be read or written.
    #[error("cannot {doing} `{}`", .path.display())]
    File {
        /// `lock`, `write`.
        doing: &'static str,
        /// The file.
        path: PathBuf,
        /// The cause.
        #[source]
        source: io::Error,
    },
    /// The address is one that others reach.
    #[error("cannot listen on {0} without a token and TLS: other machines reach it")]
    Open(SocketAddr),
    /// A certificate or its key cannot be used.
    #[error("`{}` holds no usable {holds}", .path.display())]
    Tls {
        /// The file.
        path: PathBuf,
        /// What it should hold.
        holds: &'static str,
        /// The cause.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The address cannot be listened on.
    #[error("cannot listen on {address}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// The cause.
        #[source]
        source: io::Error,
    },
    /// The machine gives no thread.
    #[error("cannot start a thread")]
    Thread(#[source] io::Error),
    /// The text cannot be carried out, and no earlier one is there to go on with.
    #[error(transparent)]
    Text(#[from] Refusal),
    /// The store refused.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The test clock is not there.
    #[error(transparent)]
    Clock(#[from] TestClockError),
    /// A schedule contradicts itself.
    #[error("a schedule cannot go on")]
    Schedule(#[from] IllegalScheduleEvent),
}

impl DaemonError {
    /// Who has to act.
    pub const fn fault(&self) -> Fault {
        match self {
            Self::Open(_) | Self::Tls { .. } => Fault::User,
            Self::Taken { .. }
            | Self::File { .. }
            | Self::Listen { .. }
            | Self::Clock(_)
            | Self::Thread(_) => Fault::World,
            Self::Text(refusal) => refusal.fault,
            Self::Store(error) => error.fault(),
            Self::Schedule(_) => Fault::Bug,
        }
    }

    /// Kebab-case, for messages.
    pub fn code(&self) -> &str {
        match self {
            Self::Taken { .. } => "daemon-running",
            Self::File { .. } => "unwritable",
            Self::Open(_) => "not-loopback",
            Self::Tls { .. } => "unusable-certificate",
            Self::Listen { .. } => "cannot-listen",
            Self::Thread(_) => "no-thread",
            Self::Text(refusal) => &refusal.code,
            Self::Store(_) => "store-refused",
            Self::Clock(_) => "test-clock",
            Self::Schedule(_) => "schedule",
        }
    }

    /// What to do, where there is one thing.
    pub fn help(&self) -> Option<String> {
        match self {
            Self::Taken { holder, .. } => Some(format!(
                "end it with `kill {holder}`: its runs go on, and the next daemon has them"
            )),
            Self::Open(_) => Some(
                "give `--token-file`, `--tls-cert` and `--tls-key`, or listen on 127.0.0.1 behind a \
                 proxy that has its own sign-in"
                    .to_owned(),
            ),
            Self::Tls { .. } => Some(
                "both are PEM: the certificate and those between it and a root in one file, its key \
                 in the other"
                    .to_owned(),
            ),
            Self::Text(refusal) => refusal.help.clone(),
            _ => None,
        }
    }
}
