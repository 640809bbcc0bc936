//! Frozen data: the bars a data set consists of, after repairs, and what was made of them.
//!
//! A snapshot is named by its content and lies in `_datasets/{scope}/{digest}/`:
//!
//! - `bars.parquet`: the bars, as [`suho_market::encode`] writes them;
//! - `samples.json`: which rows each split has, with their labels and how they came about;
//! - `quality.json`: what was found in the bars as they were read, and every repair, for people;
//! - `manifest.json`, written last: the digests of the first two, and where the bars came from.
//!
//! Features are not stored: they are computed from the frozen bars by the catalogue's version and
//! definitions, both of which are part of the digest.

use crate::columns;
use crate::failure;
use crate::generated::{Dataset, Part};
use crate::ports::Span;
use crate::spec::LabelKey;
use serde::{Deserialize, Serialize};
use serde_json::json;
use suho_artifacts::{ArtifactError, ArtifactPath, Artifacts, dataset_folder};
use suho_domain::{Digest, Duration, Fault, Instant, Scope, Symbol, Timeframe};
use suho_features::{ComputeError, Feature, Matrix};
use suho_market::{Bars, Lineage, QualityReport, content_digest};
use suho_step::StepError;
use suho_time::Calendar;

/// The version of the files' own format.
const SCHEMA: u32 = 1;
const BARS: &str = "bars.parquet";
const SAMPLES: &str = "samples.json";
const QUALITY: &str = "quality.json";
const MANIFEST: &str = "manifest.json";

/// Bars and the samples among them.
///
/// Invariant: every sample's window lies inside the bars, and each sample has one label.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Snapshot {
    pub(crate) bars: Bars,
    pub(crate) samples: Samples,
}

/// Which rows there are, and how they came about: `samples.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Samples {
    schema: u32,
    pub(crate) symbol: Symbol,
    pub(crate) timeframe: Timeframe,
    calendar: String,
    /// Market time from a row's decision to its label.
    pub(crate) horizon: Duration,
    /// The same in bars.
    pub(crate) horizon_bars: usize,
    pub(crate) label: LabelKey,
    /// Bars that a row sees.
    pub(crate) sequence: usize,
    /// Names of the features, as declared.
    pub(crate) features: Vec<String>,
    /// Version of the catalogue that defines them.
    feature_version: String,
    /// Digest of each feature's definition.
    definitions: Vec<Digest>,
    /// Bars at the start whose features are not settled.
    pub(crate) warm_up: usize,
    pub(crate) purge: usize,
    pub(crate) embargo: usize,
    pub(crate) train: SplitRows,
    pub(crate) validation: SplitRows,
    pub(crate) test: SplitRows,
    /// Every division of the rows, in order; none of a chronological split.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) folds: Vec<FoldRows>,
}

/// The rows of one of several divisions.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct FoldRows {
    pub(crate) train: SplitRows,
    pub(crate) validation: SplitRows,
    pub(crate) test: SplitRows,
    /// The groups that the test rows are of, in their order, and how many are of each.
    pub(crate) groups: Vec<[usize; 2]>,
}

impl FoldRows {
    fn is_sound(&self, bars: usize) -> bool {
        let parts = [&self.train, &self.validation, &self.test];
        let grouped: usize = self.groups.iter().map(|[_, rows]| *rows).sum();
        parts.iter().all(|rows| rows.is_sound(bars)) && grouped == self.test.len()
    }
}

/// The rows of one split.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct SplitRows {
    /// Indices of the last bar of each row, in order, as runs from the first to just after the last.
    runs: Vec<[usize; 2]>,
    /// A digit a row: 0 down, 1 flat, 2 up.
    labels: String,
}

impl SplitRows {
    /// The rows that end with the bars `ends`, in order, with a label each: 0 down, 1 flat, 2 up.
    pub(crate) fn new(rows: impl Iterator<Item = (usize, u8)>) -> Self {
        let mut split = Self::default();
        for (end, label) in rows {
            match split.runs.last_mut() {
                Some([_, after]) if *after == end => *after = end + 1,
                _ => split.runs.push([end, end + 1]),
            }
            split.labels.push(char::from(b'0'.saturating_add(label)));
        }
        split
    }

    /// Indices of the last bar of each row, in order.
    pub(crate) fn ends(&self) -> Vec<usize> {
        self.runs.iter().flat_map(|[from, to]| *from..*to).collect()
    }

    /// The label of each row: 0 down, 1 flat, 2 up.
    pub(crate) fn labels(&self) -> Vec<u8> {
        self.labels.bytes().map(|digit| digit.saturating_sub(b'0')).collect()
    }

    pub(crate) fn len(&self) -> usize {
        self.labels.len()
    }

    /// The index of the first row's last bar.
    pub(crate) fn first(&self) -> Option<usize> {
        self.runs.first().map(|[from, _]| *from)
    }

    /// The index of the last row's last bar.
    pub(crate) fn last(&self) -> Option<usize> {
        self.runs.last().and_then(|[_, to]| to.checked_sub(1))
    }

    fn is_sound(&self, bars: usize) -> bool {
        let runs = self.runs.iter().all(|[from, to]| from < to && *to <= bars);
        let labels = self.labels.bytes().all(|digit| matches!(digit, b'0'..=b'2'));
        runs && labels && self.runs.iter().map(|[from, to]| to - from).sum::<usize>() == self.len()
    }
}

impl Samples {
    /// Rows of `features` yet without splits.
    pub(crate) fn of(
        (symbol, timeframe, calendar): (Symbol, Timeframe, Calendar),
        features: &[Feature],
        (horizon, horizon_bars, label): (Duration, usize, LabelKey),
        sequence: usize,
    ) -> Self {
        Self {
            schema: SCHEMA,
            symbol,
            timeframe,
            calendar: calendar.to_string(),
            horizon,
            horizon_bars,
            label,
            sequence,
            features: features.iter().map(|feature| feature.name().to_owned()).collect(),
            feature_version: suho_features::FEATURE_VERSION.to_owned(),
            definitions: features.iter().map(Feature::def_digest).collect(),
            // Longer bars than these make none of them: computing such a feature is refused.
            warm_up: suho_features::warm_up_on(features, timeframe)
                .unwrap_or_else(|| suho_features::warm_up(features)),
            purge: 0,
            embargo: 0,
            train: SplitRows::default(),
            validation: SplitRows::default(),
            test: SplitRows::default(),
            folds: Vec::new(),
        }
    }

    /// The rows of `part`.
    pub(crate) const fn part(&self, part: Part) -> &SplitRows {
        match part {
            Part::Train => &self.train,
            Part::Validation => &self.validation,
            Part::Test => &self.test,
        }
    }

    /// Which hours the market is open.
    pub(crate) fn calendar(&self) -> Result<Calendar, StepError> {
        self.calendar.parse().map_err(|error: suho_time::UnknownCalendar| {
            failure::of(Fault::World, "artifact-corrupt", &error)
        })
    }
}

/// What a snapshot's `manifest.json` says.
#[derive(Debug, Serialize, Deserialize)]
struct Sealed {
    schema: u32,
    /// The snapshot's digest, which names its folder.
    digest: Digest,
    /// The bars: their digest by content and by file, their source and as of when it was read.
    bars: suho_market::Manifest,
    /// The digest of `samples.json`.
    samples: Digest,
}

/// Where the bars of a snapshot came from.
pub(crate) struct Origin<'a> {
    /// The source, as people read it.
    pub(crate) source: &'a str,
    /// The instant as of which it was read.
    pub(crate) as_of: Instant,
    /// What exactly was read.
    pub(crate) lineage: Lineage,
    /// What was found in the bars, and what was repaired.
    pub(crate) quality: &'a QualityReport,
}

impl Snapshot {
    /// What the snapshot is: the same for the same bars, features, labels and splits, however they
    /// are stored and wherever they came from.
    pub(crate) fn digest(&self) -> Result<Digest, StepError> {
        let samples = serde_json::to_value(&self.samples).map_err(|e| failure::of_json(&e))?;
        let bars = content_digest(&self.bars, &[]);
        Ok(Digest::of_json(&json!({ "snapshot": SCHEMA, "bars": bars, "samples": samples })))
    }

    /// What the rows of `part` are, features and labels included.
    pub(crate) fn digest_of(&self, part: Part) -> Result<Digest, StepError> {
        let rows =
            serde_json::to_value(self.samples.part(part)).map_err(|e| failure::of_json(&e))?;
        Ok(Digest::of_json(&json!({
            "bars": content_digest(&self.bars, &[]),
            "features": self.samples.definitions,
            "sequence": self.samples.sequence,
            "rows": rows,
        })))
    }

    /// From the decision of the first row of `part` to just after that of the last.
    pub(crate) fn window(&self, part: Part) -> Option<Span<Instant>> {
        self.window_of(self.samples.part(part))
    }

    /// From the decision of the first of `rows` to just after that of the last.
    pub(crate) fn window_of(&self, rows: &SplitRows) -> Option<Span<Instant>> {
        let (start, last) = (self.decision(rows.first()?)?, self.decision(rows.last()?)?);
        Some(Span { start, end: Instant::from_micros(last.micros().saturating_add(1)) })
    }

    /// When a decision on `bar` is made: when the bar has closed.
    pub(crate) fn decision(&self, bar: usize) -> Option<Instant> {
        self.bars.close_time(bar).map(Instant::from_chrono)
    }

    /// When each row of `part` is decided on, in order.
    pub(crate) fn decisions(&self, part: Part) -> Vec<Instant> {
        let ends = self.samples.part(part).ends();
        ends.into_iter().filter_map(|bar| self.decision(bar)).collect()
    }

    /// Features of every bar, `[bar, feature]`.
    pub(crate) fn features(&self, features: &[Feature]) -> Result<Matrix, StepError> {
        columns::matrix(features, &self.bars).map_err(|error| {
            let failure = failure::of(error.fault(), "features-not-computable", &error);
            match error {
                ComputeError::Timeframe { base, .. } => {
                    failure.help(format!("write a timeframe of a whole number of {base} bars"))
                }
                ComputeError::NotFinite { .. } => {
                    failure.help("leave the feature out, or take a source that has the column")
                }
                ComputeError::NoBeside { .. } => {
                    failure.help("leave the feature out: a data set has the bars of one symbol")
                }
                _ => failure.help("leave the feature out, or mend the source"),
            }
        })
    }

    /// The folder of the snapshot that `digest` names.
    pub(crate) fn folder(scope: &Scope, digest: &Digest) -> Result<ArtifactPath, StepError> {
        dataset_folder(scope, digest).map_err(|error| failure::of_folder(&error))
    }

    /// Whether a snapshot is sealed in `folder`, whole or not.
    pub(crate) fn is_sealed(
        artifacts: &Artifacts,
        folder: &ArtifactPath,
    ) -> Result<bool, StepError> {
        match artifacts.get(&inside(folder, MANIFEST)?) {
            Ok(_) => Ok(true),
            Err(ArtifactError::Missing { .. }) => Ok(false),
            Err(error) => Err(failure::of_artifacts(&error)),
        }
    }

    /// Puts the snapshot where its digest says. Where it came `from` is recorded, once.
    pub(crate) fn seal(
        &self,
        artifacts: &Artifacts,
        folder: &ArtifactPath,
        from: Origin<'_>,
    ) -> Result<(), StepError> {
        let put = |name: &str, bytes: &[u8]| {
            let path = inside(folder, name)?;
            artifacts.put_once(&path, bytes).map_err(|error| failure::of_artifacts(&error))
        };
        let file = suho_market::encode(&self.bars)
            .map_err(|error| failure::of(error.fault(), "unwritable-bars", &error))?;
        let samples = serde_json::to_vec(&self.samples).map_err(|e| failure::of_json(&e))?;
        let sealed = Sealed {
            schema: SCHEMA,
            digest: self.digest()?,
            bars: suho_market::Manifest {
                lineage: Some(from.lineage),
                ..suho_market::Manifest::of(&self.bars, &file, from.source, from.as_of.to_chrono())
            },
            samples: Digest::of(&samples),
        };
        let manifest = serde_json::to_vec_pretty(&sealed).map_err(|e| failure::of_json(&e))?;
        let quality = serde_json::to_vec_pretty(from.quality).map_err(|e| failure::of_json(&e))?;
        put(BARS, &file)?;
        put(SAMPLES, &samples)?;
        match artifacts.put_once(&inside(folder, QUALITY)?, &quality) {
            // Of an attempt at the same bars, otherwise come by, that never got to the manifest.
            Ok(_) | Err(ArtifactError::Conflict { .. }) => {}
            Err(error) => return Err(failure::of_artifacts(&error)),
        }
        match artifacts.put_once(&Self::manifest(folder)?, &manifest) {
            Ok(_) => Ok(()),
            // A run beside this one has sealed the same content, as of its own time: its word stands.
            Err(ArtifactError::Conflict { path, .. })
                if digest_in(artifacts, &path).as_ref() == Some(&sealed.digest) =>
            {
                Ok(())
            }
            Err(error) => Err(failure::of_artifacts(&error)),
        }
    }

    /// Removes the snapshot in `folder`, its manifest first.
    pub(crate) fn unseal(artifacts: &Artifacts, folder: &ArtifactPath) -> Result<(), StepError> {
        for name in [MANIFEST, QUALITY, SAMPLES, BARS] {
            let path = inside(folder, name)?;
            artifacts.remove(&path).map_err(|error| failure::of_artifacts(&error))?;
        }
        Ok(())
    }

    /// The path of the manifest in `folder`.
    pub(crate) fn manifest(folder: &ArtifactPath) -> Result<ArtifactPath, StepError> {
        inside(folder, MANIFEST)
    }

    /// What the manifest says of the bars that `rows` are of: where they came from, and as of when.
    pub(crate) fn provenance(
        artifacts: &Artifacts,
        rows: &Dataset,
    ) -> Result<suho_market::Manifest, StepError> {
        let folder =
            ArtifactPath::new(rows.folder.as_str()).map_err(|error| failure::of_path(&error))?;
        Ok(Self::sealed(artifacts, &folder)?.bars)
    }

    fn sealed(artifacts: &Artifacts, folder: &ArtifactPath) -> Result<Sealed, StepError> {
        let path = inside(folder, MANIFEST)?;
        let manifest = artifacts.get(&path).map_err(|error| failure::of_artifacts(&error))?;
        serde_json::from_slice(&manifest).map_err(|error| unreadable(&path, &error))
    }

    /// The snapshot that `rows` are of, with every file as it was sealed.
    pub(crate) fn load(artifacts: &Artifacts, rows: &Dataset) -> Result<Self, StepError> {
        let folder =
            ArtifactPath::new(rows.folder.as_str()).map_err(|error| failure::of_path(&error))?;
        let refused = |error: ArtifactError| failure::of_artifacts(&error);
        let sealed = Self::sealed(artifacts, &folder)?;
        let path = inside(&folder, BARS)?;
        let file = artifacts.get_verified(&path, &sealed.bars.file_digest).map_err(refused)?;
        let bars = suho_market::decode(file).map_err(|error| unreadable(&path, &error))?;
        let path = inside(&folder, SAMPLES)?;
        let samples = artifacts.get_verified(&path, &sealed.samples).map_err(refused)?;
        let samples =
            serde_json::from_slice(&samples).map_err(|error| unreadable(&path, &error))?;
        let snapshot = Self { bars, samples };
        let (expected, found) = (rows.snapshot()?, snapshot.digest()?);
        let sound = |part: Part| snapshot.samples.part(part).is_sound(snapshot.bars.len());
        let folds = || snapshot.samples.folds.iter().all(|f| f.is_sound(snapshot.bars.len()));
        if found != expected || !Part::ALL.iter().copied().all(sound) || !folds() {
            return Err(refused(ArtifactError::Corrupt { path: folder, expected, found }));
        }
        Ok(snapshot)
    }
}

fn unreadable(path: &ArtifactPath, error: &dyn std::error::Error) -> StepError {
    failure::of(Fault::World, "artifact-corrupt", error)
        .help(format!("`{path}` was changed after it was sealed: make the data set again"))
}

/// The digest of the snapshot whose manifest is at `path`, as far as one can be read there.
fn digest_in(artifacts: &Artifacts, path: &ArtifactPath) -> Option<Digest> {
    let sealed: Sealed = serde_json::from_slice(&artifacts.get(path).ok()?).ok()?;
    Some(sealed.digest)
}

fn inside(folder: &ArtifactPath, name: &str) -> Result<ArtifactPath, StepError> {
    ArtifactPath::new(name).and_then(|name| folder.join(&name)).map_err(|e| failure::of_path(&e))
}

#[cfg(test)]
mod tests;
