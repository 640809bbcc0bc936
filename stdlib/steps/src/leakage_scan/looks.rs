//! L13: which models were measured on a test before.
//!
//! Whoever scans a model leaves a mark beside the data sets, one a model, in a folder that the test's
//! own content names: the same bars, horizon and labels, whatever features were made of them.

use crate::failure;
use crate::generated::{Dataset, Model, Part};
use crate::snapshot::Snapshot;
use serde_json::json;
use suho_artifacts::{ArtifactPath, Artifacts};
use suho_domain::Digest;
use suho_market::content_digest;
use suho_step::attempt::{read_json, write_whole};
use suho_step::{Context, StepError};

/// Where an attempt notes the mark that it is about to leave.
const INTENT: &str = "mark.json";

/// The marks on one test, and the one that a model leaves.
pub(super) struct Looks {
    folder: ArtifactPath,
    mark: ArtifactPath,
}

impl Looks {
    /// Those on the test rows of `snapshot`, which `rows` are of, by models of the name of `model`.
    pub(super) fn of(
        snapshot: &Snapshot,
        rows: &Dataset,
        model: &Model,
    ) -> Result<Self, StepError> {
        let samples = &snapshot.samples;
        let test = samples.part(Part::Test);
        let (first, after) = (test.first().unwrap_or(0), test.last().map_or(0, |last| last + 1));
        let looked_at = Digest::of_json(&json!({
            "bars": content_digest(&snapshot.bars.slice(first..after), &[]),
            "horizon": samples.horizon,
            "label": samples.label,
        }));
        // `_datasets/SCOPE/DIGITS`.
        let scope = rows.folder.split('/').nth(1).unwrap_or_default();
        let path = |text: String| ArtifactPath::new(text).map_err(|error| failure::of_path(&error));
        let folder = path(format!("_tests/{scope}/{}/{}", looked_at.hex(), model.name))?;
        let mark = path(format!("{folder}/{}", Digest::of(model.id.as_bytes()).hex()))?;
        Ok(Self { folder, mark })
    }

    /// How many other models were measured there before; leaves this one's mark.
    pub(super) fn count(
        &self,
        context: &Context<'_>,
        artifacts: &Artifacts,
        model: &Model,
    ) -> Result<usize, StepError> {
        let marks = artifacts.list(&self.folder).map_err(|error| failure::of_artifacts(&error))?;
        let others = marks.iter().filter(|listed| listed.path != self.mark).count();
        if others == marks.len() {
            // Noted first, so that whoever undoes this attempt knows what may be there.
            write_whole(&context.folder().join(INTENT), &self.mark)
                .map_err(|error| failure::of(error.fault(), "scratch", &error))?;
            let mark = json!({ "model": model.id, "version": model.version });
            artifacts
                .put_once(&self.mark, mark.to_string().as_bytes())
                .map_err(|error| failure::of_artifacts(&error))?;
        }
        Ok(others)
    }

    /// Takes back the mark that this attempt left, if it left one.
    pub(super) fn forget(context: &Context<'_>, artifacts: &Artifacts) -> Result<(), StepError> {
        let left: Option<ArtifactPath> = read_json(&context.folder().join(INTENT))
            .map_err(|error| failure::of(error.fault(), "scratch", &error))?;
        let Some(mark) = left else { return Ok(()) };
        artifacts.remove(&mark).map_err(|error| failure::of_artifacts(&error))
    }
}
