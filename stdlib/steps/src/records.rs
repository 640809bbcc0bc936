//! What the records that steps hand each other can be asked.

use crate::failure;
use crate::generated::{Dataset, DatasetOut, Model};
use suho_artifacts::Artifacts;
use suho_domain::{Digest, Fault};
use suho_step::{Context, StepError};

impl Model {
    /// `eurusd_direction v1.0.0`.
    pub(crate) fn title(&self) -> String {
        format!("{} {}", self.name, self.version)
    }
}

impl Dataset {
    /// The digest of the whole snapshot that the rows are of.
    pub(crate) fn snapshot(&self) -> Result<Digest, StepError> {
        self.dataset
            .parse()
            .map_err(|error: suho_domain::NotADigest| failure::of(Fault::Bug, "bad-digest", &error))
    }
}

/// The data set given, which the engine takes from the model where none is written.
pub(crate) fn followed(data: Option<DatasetOut>) -> Result<DatasetOut, StepError> {
    data.ok_or_else(|| {
        let message = "the model was trained on no data set of this pipeline, so its `data` is \
                       not known";
        StepError::user("not-set", message).help("write `data = …` with the data set it judges by")
    })
}

/// `number`, which the setting `name` is, as a count.
pub(crate) fn whole(name: &str, number: i64) -> Result<usize, StepError> {
    usize::try_from(number).map_err(|_| {
        StepError::user("bad-setting", format!("`{name}` is {number}"))
            .help(format!("write a `{name}` that is not below zero"))
    })
}

/// The artifact store of the attempt.
pub(crate) fn artifacts(context: &Context<'_>) -> Result<Artifacts, StepError> {
    Artifacts::open(context.artifacts()).map_err(|error| failure::of_artifacts(&error))
}
