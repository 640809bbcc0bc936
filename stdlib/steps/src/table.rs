//! `table`: a data set's rows as a table for programs of others.

use crate::failure;
use crate::figure::count;
use crate::generated::{Part, TableIn, TableOut};
use crate::records::artifacts;
use crate::snapshot::Snapshot;
use std::fmt::Write as _;
use suho_artifacts::{ArtifactPath, Artifacts};
use suho_domain::{Digest, Fault};
use suho_step::{Context, Inputs, Outputs, Step, StepError};

/// A data set's rows as a table for programs of others.
pub(crate) struct Table;

impl Step for Table {
    fn signature(&self) -> &'static str {
        "table"
    }

    fn run(&self, context: &mut Context<'_>, inputs: &Inputs) -> Result<Outputs, StepError> {
        let TableIn { data } = TableIn::read(inputs)?;
        let artifacts = artifacts(context)?;
        let snapshot = Snapshot::load(&artifacts, &data.train)?;
        let (text, bars) = table(&snapshot)?;
        let path = keep(&artifacts, text.as_bytes())?;
        Ok(TableOut { table: path, bars: count(bars) }.into())
    }
}

/// The table and how many bars it has: every one up to the last that is validated by.
fn table(snapshot: &Snapshot) -> Result<(String, usize), StepError> {
    let samples = &snapshot.samples;
    let features = suho_features::parse_list(&samples.features)
        .map_err(|error| failure::of(Fault::World, "artifact-corrupt", &error))?;
    let matrix = snapshot.features(&features)?;
    let bars = samples.part(Part::Validation).last().map_or(0, |last| last + 1);
    let mut rows: Vec<(&str, Option<u8>)> = vec![("", None); bars];
    for part in [Part::Train, Part::Validation] {
        let of = samples.part(part);
        for (end, label) in of.ends().into_iter().zip(of.labels()) {
            if let Some(row) = rows.get_mut(end) {
                *row = (part.name(), Some(label));
            }
        }
    }
    let mut text = String::from("time,part,label");
    for name in &samples.features {
        let _infallible = write!(text, ",{name}");
    }
    text.push('\n');
    for (bar, (part, label)) in rows.into_iter().enumerate() {
        let opened = snapshot.bars.open_time(bar).map(suho_domain::Instant::from_chrono);
        let opened = opened.map_or_else(String::new, |time| time.to_string());
        let label = label.map_or_else(String::new, |label| label.to_string());
        let _infallible = write!(text, "{opened},{part},{label}");
        for value in matrix.row(bar) {
            // A feature that is not there yet has no number.
            let number = if value.is_finite() { value.to_string() } else { String::new() };
            let _infallible = write!(text, ",{number}");
        }
        text.push('\n');
    }
    Ok((text, bars))
}

/// Keeps the table under a name by its content: the same data set gives the same file.
fn keep(artifacts: &Artifacts, bytes: &[u8]) -> Result<String, StepError> {
    let path = ArtifactPath::new(format!("files/{}/table.csv", Digest::of(bytes).hex()))
        .map_err(|error| failure::of_path(&error))?;
    artifacts.put_once(&path, bytes).map_err(|error| failure::of_artifacts(&error))?;
    Ok(path.to_string())
}

#[cfg(test)]
mod tests;
