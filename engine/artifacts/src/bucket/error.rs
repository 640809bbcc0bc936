//! Why an object store did not do what was asked, in words that say what to do.

use std::error::Error;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use suho_domain::Fault;

/// Why an object store did not do what was asked.
#[derive(Clone, Debug, thiserror::Error)]
pub enum BucketError {
    /// No address of a bucket. `User`.
    #[error("`{url}` is no bucket: write `s3://BUCKET` or `s3://BUCKET/FOLDER`")]
    Url {
        /// As it was written.
        url: String,
    },
    /// Nobody has said who asks. `User`.
    #[error("there is no key for `{url}` in the environment")]
    NoKey {
        /// The bucket.
        url: String,
    },
    /// The store has no such bucket. `User`.
    #[error("there is no bucket `{url}` at {at}")]
    NoBucket {
        /// The bucket.
        url: String,
        /// The store.
        at: String,
    },
    /// The bucket is in another region than requests were signed for. `User`.
    #[error("`{url}` is in the region `{there}`, not `{asked}`")]
    Region {
        /// The bucket.
        url: String,
        /// Where it is.
        there: String,
        /// Where it was looked for.
        asked: String,
    },
    /// The key does not open it. `User`.
    #[error("`{url}` does not let the key `{key}` in: {message}")]
    Denied {
        /// The bucket.
        url: String,
        /// The public half of the key.
        key: String,
        /// What the store said.
        message: String,
    },
    /// No such object. `User`.
    #[error("there is no object `{url}`")]
    Missing {
        /// The object.
        url: String,
    },
    /// More objects than can be meant. `User`.
    #[error("more than {max} objects lie below `{url}`")]
    TooMany {
        /// The folder.
        url: String,
        /// How many may.
        max: usize,
    },
    /// An answer larger than any file of bars. `User`.
    #[error("an object of `{url}` has more than {bytes_max} bytes")]
    TooLarge {
        /// The bucket.
        url: String,
        /// How many may be.
        bytes_max: u64,
    },
    /// No answer in time. `World`.
    #[error("{at} has not answered for `{url}` within {} s", patience.as_secs_f64())]
    Slow {
        /// The bucket.
        url: String,
        /// The store.
        at: String,
        /// How long was waited.
        patience: Duration,
    },
    /// The answer ended before its end. `World`.
    #[error("{at} broke off its answer for `{url}` after {bytes} bytes")]
    BrokenOff {
        /// The bucket.
        url: String,
        /// The store.
        at: String,
        /// How many bytes had come.
        bytes: usize,
    },
    /// Nobody there. `World`.
    #[error("cannot reach {at} for `{url}`")]
    Unreachable {
        /// The bucket.
        url: String,
        /// The store.
        at: String,
        /// What the system said.
        #[source]
        source: Arc<ureq::Error>,
    },
    /// The store answered with an error. `World` where it is the store's own.
    #[error("{at} refuses what is asked of `{url}` with status {status}: {message}")]
    Refused {
        /// The bucket.
        url: String,
        /// The store.
        at: String,
        /// The status of HTTP.
        status: u16,
        /// What the store said.
        message: String,
    },
    /// An answer that is none of S3's. `World`.
    #[error("what answers for `{url}` does not speak S3's protocol")]
    Odd {
        /// The bucket.
        url: String,
        /// What cannot be understood.
        #[source]
        source: Arc<dyn Error + Send + Sync>,
    },
    /// There is no runtime to wait with. `World`.
    #[error("cannot wait for an object store")]
    Runtime {
        /// What the system said.
        #[source]
        source: Arc<io::Error>,
    },
    /// It was called from within another runtime. `Bug`.
    #[error("an object store is read synchronously and was called from asynchronous code")]
    Asynchronous,
}

impl BucketError {
    /// Who has to act.
    pub const fn fault(&self) -> Fault {
        match self {
            Self::Refused { status, .. } if *status >= 500 || *status == 429 => Fault::World,
            Self::Slow { .. }
            | Self::BrokenOff { .. }
            | Self::Unreachable { .. }
            | Self::Odd { .. }
            | Self::Runtime { .. } => Fault::World,
            Self::Asynchronous => Fault::Bug,
            _ => Fault::User,
        }
    }

    /// Which error, in words.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Url { .. } => "not-a-bucket",
            Self::NoKey { .. } => "no-key",
            Self::NoBucket { .. } => "no-bucket",
            Self::Region { .. } => "other-region",
            Self::Denied { .. } => "store-denied",
            Self::Missing { .. } => "missing-file",
            Self::TooMany { .. } => "too-many-files",
            Self::TooLarge { .. } => "file-too-large",
            Self::Slow { .. } => "store-slow",
            Self::BrokenOff { .. } => "store-broken-off",
            Self::Unreachable { .. } => "store-unreachable",
            Self::Refused { .. } => "store-refused",
            Self::Odd { .. } => "not-an-object-store",
            Self::Runtime { .. } | Self::Asynchronous => "store-bug",
        }
    }

    /// What can be done, as a line that stands under the sentence.
    pub fn help(&self) -> &'static str {
        match self {
            Self::Url { .. } => "write `s3://BUCKET/FOLDER/FILE`",
            Self::NoKey { .. } => {
                "set `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY` for whoever runs suho"
            }
            Self::NoBucket { .. } => {
                "correct the bucket's name, or set `AWS_ENDPOINT_URL` to the store that has it"
            }
            Self::Region { .. } => "set `AWS_REGION` to the bucket's region",
            Self::Denied { .. } => "give the key leave to list and read the bucket, or use another",
            Self::Missing { .. } => "put the object there, or correct its name",
            Self::TooMany { .. } | Self::TooLarge { .. } => "name a folder with fewer files",
            Self::Slow { .. } | Self::BrokenOff { .. } => "run again; ask for less if it stays so",
            Self::Unreachable { .. } => "look at `AWS_ENDPOINT_URL`, and whether the store runs",
            Self::Refused { .. } => "look at what the store says; run again if it was busy",
            Self::Odd { .. } => "set `AWS_ENDPOINT_URL` to a store that speaks S3's protocol",
            Self::Runtime { .. } | Self::Asynchronous => "report this",
        }
    }
}

/// What the wire said, out of what object_store made of it; its own error where it is from elsewhere.
pub(crate) fn heard(error: object_store::Error) -> Result<BucketError, object_store::Error> {
    let mut cause: Option<&(dyn Error + 'static)> = Some(&error);
    while let Some(now) = cause {
        if let Some(told) = now.downcast_ref::<BucketError>() {
            return Ok(told.clone());
        }
        cause = now.source();
    }
    Err(error)
}
