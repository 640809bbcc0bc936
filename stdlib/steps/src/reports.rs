//! A page for a browser and its numbers beside it: `_reports/{run}/{step}/`.

use crate::failure;
use suho_artifacts::{ArtifactPath, Artifacts};
use suho_step::{Context, StepError};

/// Where the page of a step is kept: every attempt at it makes the same.
pub(crate) struct Reports<'a> {
    artifacts: &'a Artifacts,
    page: ArtifactPath,
    numbers: ArtifactPath,
}

impl<'a> Reports<'a> {
    /// Those called `name` of the step that the context's attempt is at.
    pub(crate) fn of(
        context: &Context<'_>,
        artifacts: &'a Artifacts,
        name: &str,
    ) -> Result<Self, StepError> {
        let key = context.key();
        let path = |kind: &str| {
            ArtifactPath::new(format!("_reports/{}/{}/{name}.{kind}", key.run, key.step))
                .map_err(|error| failure::of_path(&error))
        };
        Ok(Self { artifacts, page: path("html")?, numbers: path("json")? })
    }

    /// Keeps both; the path of the page.
    pub(crate) fn keep(&self, page: String, numbers: Vec<u8>) -> Result<String, StepError> {
        for (path, bytes) in [(&self.page, page.into_bytes()), (&self.numbers, numbers)] {
            let put = self.artifacts.put_once(path, &bytes);
            put.map_err(|error| failure::of_artifacts(&error))?;
        }
        Ok(self.page.to_string())
    }

    /// Removes both.
    pub(crate) fn remove(&self) -> Result<(), StepError> {
        [&self.page, &self.numbers].into_iter().try_for_each(|path| {
            self.artifacts.remove(path).map_err(|error| failure::of_artifacts(&error))
        })
    }
}
