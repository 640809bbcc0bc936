//! Why an attempt could not be started, looked at or ended.

use std::io;
use std::path::PathBuf;
use suho_domain::{AttemptKey, Fault};
use suho_step::attempt::FileError;

/// Why the executor could not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum ExecutorError {
    /// The attempt's folder, or a file in it, cannot be made. `World`.
    #[error("cannot create `{}`", path.display())]
    Folder {
        /// The folder or file.
        path: PathBuf,
        /// What the disk said.
        #[source]
        source: io::Error,
    },
    /// The attempt's files or process refuse. `World`.
    #[error("cannot look after the attempt in `{}`", path.display())]
    Attempt {
        /// The folder or file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// One of the attempt's files cannot be read or written.
    #[error(transparent)]
    File(#[from] FileError),
    /// The program cannot be started. `World`.
    #[error("cannot start `{}` for attempt `{key}`", program.display())]
    Start {
        /// The attempt.
        key: AttemptKey,
        /// The program.
        program: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The attempt was submitted before, to do something else. `Bug`.
    #[error("attempt `{key}` was submitted before with another order")]
    OtherOrder {
        /// The attempt.
        key: AttemptKey,
    },
    /// A later engine has submitted the attempt. `World`: this one has been succeeded.
    #[error("attempt `{key}` was submitted in epoch {kept}, after epoch {epoch}")]
    Stale {
        /// The attempt.
        key: AttemptKey,
        /// The epoch of this order.
        epoch: u64,
        /// The epoch of the order that is there.
        kept: u64,
    },
    /// The outcome in an attempt's folder is another attempt's. `Bug`.
    #[error("the outcome in `{}` is of attempt `{key}`", path.display())]
    Foreign {
        /// The outcome's file.
        path: PathBuf,
        /// Whose it is.
        key: AttemptKey,
    },
}

impl ExecutorError {
    /// Who has to act.
    pub const fn fault(&self) -> Fault {
        match self {
            Self::Folder { .. }
            | Self::Attempt { .. }
            | Self::Start { .. }
            | Self::Stale { .. } => Fault::World,
            Self::File(error) => error.fault(),
            Self::OtherOrder { .. } | Self::Foreign { .. } => Fault::Bug,
        }
    }
}
