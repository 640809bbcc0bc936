//! `dataset`: reads bars, checks and freezes them, computes features and labels, and splits them.

mod division;
mod quality;
mod source;

use crate::beside::Surroundings;
use crate::failure;
use crate::figure::count;
use crate::generated::{self, DatasetIn, DatasetOut, DroppedBars, Part};
use crate::ports::{IntoValue as _, Span};
use crate::records::{artifacts, whole};
use crate::snapshot::{FoldRows, Origin, Samples, Snapshot};
use crate::sources::{self, Connections, Reading, Sources};
use crate::spec::{Division, LabelKey};
use serde::{Deserialize, Serialize};
use suho_artifacts::ArtifactPath;
use suho_domain::{Digest, Duration, Instant, Record, Scope, Timeframe, Value};
use suho_features::{Feature, FeatureListError};
use suho_market::{Bars, Dropped, Lineage, QualityReport, Sampling, Verdict};
use suho_step::attempt::{read_json, write_whole};
use suho_step::{Context, Inputs, Outputs, Step, StepError};
use suho_time::Calendar;

/// Largest share of rows after the warm-up that may lack a feature (domain §4.4).
const MISSING_SHARE_MAX: f64 = 0.01;
/// Where an attempt notes, in its own folder, what it is about to seal.
const INTENT: &str = "sealing.json";

/// Reads bars, checks and freezes them, computes features and labels, and splits them.
pub(crate) struct Dataset<'w>(
    /// What lies outside the project.
    pub(crate) &'w dyn Connections,
);

/// Bars as a data set takes them, and how they came about.
struct Taken {
    /// Repaired, and as long as they are asked for.
    bars: Bars,
    /// How many bars of the source were looked at.
    read: usize,
    report: QualityReport,
    lineage: Lineage,
    as_of: Instant,
}

/// What is asked for, understood.
struct Ask {
    written: DatasetIn,
    beside: Surroundings,
    features: Vec<Feature>,
    calendar: Calendar,
    horizon: Duration,
    horizon_bars: usize,
    label: LabelKey,
    sequence: usize,
    split: Division,
}

/// A folder that an attempt is about to fill.
#[derive(Debug, Serialize, Deserialize)]
struct Intent {
    folder: ArtifactPath,
}

impl Step for Dataset<'_> {
    fn signature(&self) -> &'static str {
        "dataset"
    }

    fn run(&self, context: &mut Context<'_>, inputs: &Inputs) -> Result<Outputs, StepError> {
        let ask = Ask::read(inputs)?;
        let sources = Sources::new(context.project(), context.logical_time(), self.0)
            .kept_in(context.artifacts());
        let Taken { bars, read, report, lineage, as_of } = take(context, &ask, &sources)?;
        alive(context)?;
        let (snapshot, dropped) = ask.snapshot(bars)?;
        alive(context)?;
        let source = ask.written.source.title();
        let from = Origin { source: &source, as_of, lineage, quality: &report };
        let frozen = Frozen::seal(context, snapshot, &ask.beside.scope, from)?;
        Ok(frozen.outputs(source, &dropped, (read, &report))?.into())
    }

    /// Removes the snapshot if this attempt was the one that made it.
    fn undo(&self, context: &mut Context<'_>, _: &Inputs) -> Result<(), StepError> {
        let intent: Option<Intent> = read_json(&context.folder().join(INTENT))
            .map_err(|error| failure::of(error.fault(), "scratch", &error))?;
        let Some(intent) = intent else { return Ok(()) };
        Snapshot::unseal(&artifacts(context)?, &intent.folder)
    }
}

/// The bars asked for, judged, repaired, and made longer where the source's are shorter.
fn take(context: &mut Context<'_>, ask: &Ask, sources: &Sources<'_>) -> Result<Taken, StepError> {
    let Ask { written, beside, calendar, .. } = ask;
    let reading =
        Reading::new(written.symbol.as_str(), written.timeframe, *calendar, beside.scope.clone());
    let found = sources.found(&written.source, &reading)?;
    let bars = source::cut(found.bars.clone(), context, written, beside)?;
    let read = bars.len();
    alive(context)?;
    let (mut bars, report) = suho_market::judge(bars, *calendar, &written.quality.rules()?);
    say(context, &report);
    quality::accept(&report, &written.source)?;
    if bars.timeframe != reading.length() {
        bars = sources::longer(&bars, &reading)?;
        let made = bars.len();
        context.log(&format!("resampled  {read} bars into {made} of {}", written.timeframe));
    }
    Ok(Taken { bars, read, report, lineage: found.lineage.clone(), as_of: found.as_of })
}

/// The bars that a step of these inputs takes, repaired.
pub(crate) fn repaired(
    context: &mut Context<'_>,
    inputs: &Inputs,
    sources: &Sources<'_>,
) -> Result<Bars, StepError> {
    let ask = Ask::read(inputs)?;
    Ok(take(context, &ask, sources)?.bars)
}

/// How many bars and rows a step of these inputs would hold, and from when to when.
pub(crate) fn counted(
    context: &mut Context<'_>,
    inputs: &Inputs,
    sources: &Sources<'_>,
) -> Result<Record, StepError> {
    let ask = Ask::read(inputs)?;
    let bars = take(context, &ask, sources)?.bars;
    let bars_count = bars.len();
    let (snapshot, _) = ask.snapshot(bars)?;
    let samples = &snapshot.samples;
    let counts = [
        ("bars", bars_count),
        ("warm_up", samples.warm_up),
        ("purge", samples.purge),
        ("embargo", samples.embargo),
    ];
    let parts = Part::ALL.iter().map(|part| (part.name(), samples.part(*part).len()));
    let counts = counts.into_iter().chain(parts);
    let counts = counts.map(|(name, number)| (name.to_owned(), count(number).into_value()));
    let window = |part: &Part| {
        let window = snapshot.window(*part)?;
        Some((part.name().to_owned(), window.into_value()))
    };
    let windows = Value::Record(Part::ALL.iter().filter_map(window).collect());
    let folds = division::folds(&snapshot).ok_or_else(empty)?.into_value();
    Ok(counts.chain([("windows".to_owned(), windows), ("folds".to_owned(), folds)]).collect())
}

impl Ask {
    fn read(inputs: &Inputs) -> Result<Self, StepError> {
        let beside = Surroundings::read(inputs)?;
        let written = DatasetIn::read(inputs)?;
        let features =
            suho_features::parse_list(&written.features).map_err(|error| unknown(&error))?;
        let horizon = follows(written.horizon, "horizon")?;
        Ok(Self {
            features,
            calendar: written.calendar.map_or(Calendar::Always, Calendar::from),
            horizon,
            horizon_bars: bars_of(horizon, written.timeframe)?,
            label: follows(written.label.as_ref(), "label")?.key()?,
            sequence: whole("sequence", follows(written.sequence, "sequence")?)?,
            split: written.split.rule()?,
            written,
            beside,
        })
    }

    /// The samples among `bars`, split, and what became of the other bars.
    fn snapshot(&self, bars: Bars) -> Result<(Snapshot, Dropped), StepError> {
        let target = (self.written.symbol.clone(), self.written.timeframe, self.calendar);
        let learnt = (self.horizon, self.horizon_bars, self.label);
        let samples = Samples::of(target, &self.features, learnt, self.sequence);
        let mut snapshot = Snapshot { bars, samples };
        let matrix = snapshot.features(&self.features)?;
        let labels = suho_market::labels(
            &snapshot.bars,
            self.label.rule(),
            self.horizon_bars,
            self.calendar,
        )
        .map_err(|error| failure::of(error.fault(), "label-not-computable", &error))?;
        let sampling = Sampling {
            warm_up: snapshot.samples.warm_up,
            sequence: self.sequence,
            horizon: self.horizon_bars,
        };
        let labelled: Vec<bool> = labels.iter().map(Option::is_some).collect();
        let whole: Vec<bool> = (0..matrix.rows()).map(|bar| matrix.is_whole(bar)).collect();
        let ends = suho_market::usable_samples(&whole, &labelled, &sampling);
        let rows = division::Rows { bars: &snapshot.bars, ends: &ends, labels: &labels, sampling };
        let divided = rows.divided(&self.split)?;
        enough_features(&divided.dropped, snapshot.bars.len())?;
        (snapshot.samples.purge, snapshot.samples.embargo) = rows.gap(&self.split);
        let FoldRows { train, validation, test, .. } = divided.own;
        snapshot.samples.train = train;
        snapshot.samples.validation = validation;
        snapshot.samples.test = test;
        snapshot.samples.folds = divided.folds;
        Ok((snapshot, divided.dropped))
    }
}

/// An input that follows from the model trained on the data, unless it is written.
fn follows<T>(given: Option<T>, port: &str) -> Result<T, StepError> {
    given.ok_or_else(|| {
        let message = format!("no model is trained on this data, so its `{port}` is not known");
        StepError::user("not-set", message).help(format!("set `{port}` on the data set"))
    })
}

/// How many bars `horizon` is.
fn bars_of(horizon: Duration, timeframe: Timeframe) -> Result<usize, StepError> {
    let bar = timeframe.duration().nanos();
    let is_whole = bar > 0 && horizon.nanos() > 0 && horizon.nanos() % bar == 0;
    usize::try_from(horizon.nanos() / bar.max(1)).ok().filter(|_| is_whole).ok_or_else(|| {
        let message = format!("a horizon of {horizon} is no whole number of {timeframe} bars");
        StepError::user("horizon-not-bars", message)
            .help(format!("write a multiple of {timeframe}"))
    })
}

fn enough_features(dropped: &Dropped, bars: usize) -> Result<(), StepError> {
    let settled = bars.saturating_sub(dropped.warm_up);
    if dropped.nan as f64 <= MISSING_SHARE_MAX * settled as f64 {
        return Ok(());
    }
    let message = format!(
        "{} of {settled} rows after the warm-up lack a feature; at most 1 % may",
        dropped.nan
    );
    Err(StepError::user("missing-features", message)
        .help("leave out the feature that has no value there, or mend the source"))
}

fn unknown(error: &FeatureListError) -> StepError {
    let code = match error {
        FeatureListError::Unknown(_) => "unknown-feature",
        FeatureListError::Duplicate { .. } => "duplicate-feature",
    };
    failure::of(suho_domain::Fault::User, code, error)
        .help("`suho features ls` lists the catalogue")
}

/// Goes on, unless the attempt is to end.
fn alive(context: &Context<'_>) -> Result<(), StepError> {
    if context.is_cancelled() { Err(StepError::cancelled()) } else { Ok(()) }
}

/// Logs what people should know of the quality: each check that found something, and each bar that
/// was changed. All of them stand in the snapshot's `quality.json`.
fn say(context: &mut Context<'_>, report: &QualityReport) {
    /// Repairs that are logged one by one.
    const REPAIRS_MAX: usize = 100;
    let is_worth_saying =
        |check: &&suho_market::CheckResult| check.verdict != Verdict::Pass || check.found > 0;
    for check in report.checks.iter().filter(is_worth_saying) {
        context.log(&format!("quality  {check}"));
    }
    for repair in report.repaired.iter().take(REPAIRS_MAX) {
        context.log(&format!("repaired  {repair}"));
    }
    if report.repaired.len() > REPAIRS_MAX {
        context.log(&format!("repaired  {} bars in all", report.repaired.len()));
    }
}

/// A snapshot that lies where its digest says.
struct Frozen {
    snapshot: Snapshot,
    folder: ArtifactPath,
    digest: Digest,
}

impl Frozen {
    /// Seals `snapshot`, unless it is there already.
    fn seal(
        context: &Context<'_>,
        snapshot: Snapshot,
        scope: &Scope,
        from: Origin<'_>,
    ) -> Result<Self, StepError> {
        let artifacts = artifacts(context)?;
        let digest = snapshot.digest()?;
        let folder = Snapshot::folder(scope, &digest)?;
        let frozen = Self { snapshot, folder, digest };
        if Snapshot::is_sealed(&artifacts, &frozen.folder)? {
            // What is there must be what was frozen.
            Snapshot::load(&artifacts, &frozen.split(Part::Train)?)?;
            return Ok(frozen);
        }
        // Noted first, so that whoever undoes this attempt knows what may be there.
        let intent = Intent { folder: frozen.folder.clone() };
        write_whole(&context.folder().join(INTENT), &intent)
            .map_err(|error| failure::of(error.fault(), "scratch", &error))?;
        frozen.snapshot.seal(&artifacts, &frozen.folder, from)?;
        Ok(frozen)
    }

    /// All that the step gives.
    fn outputs(
        &self,
        source: String,
        dropped: &Dropped,
        (read, report): (usize, &QualityReport),
    ) -> Result<DatasetOut, StepError> {
        let Snapshot { bars, samples } = &self.snapshot;
        let first = bars.open_time(0).map(Instant::from_chrono);
        let last = bars.len().checked_sub(1).and_then(|last| self.snapshot.decision(last));
        let window = first.zip(last).map(|(start, end)| Span { start, end });
        Ok(DatasetOut {
            train: self.split(Part::Train)?,
            validation: self.split(Part::Validation)?,
            test: self.split(Part::Test)?,
            digest: self.digest.to_string(),
            rows: count(Part::ALL.iter().map(|part| samples.part(*part).len()).sum()),
            bars: count(bars.len()),
            window: window.ok_or_else(empty)?,
            source,
            manifest: Snapshot::manifest(&self.folder)?.to_string(),
            features: samples.features.clone(),
            feature_version: suho_features::FEATURE_VERSION.to_owned(),
            sequence: count(samples.sequence),
            horizon: samples.horizon.into(),
            warm_up: count(samples.warm_up),
            purge: count(samples.purge),
            embargo: count(samples.embargo),
            dropped: DroppedBars {
                warm_up: count(dropped.warm_up),
                sequence: count(dropped.sequence),
                labels: count(dropped.labels),
                missing: count(dropped.nan),
                purge: count(dropped.purge),
                embargo: count(dropped.embargo),
            },
            folds: division::folds(&self.snapshot).ok_or_else(empty)?,
            quality: quality::summary(read, report),
            quality_checks: quality::lines(report),
            repaired_bars: quality::repairs(report),
        })
    }

    /// One split: what `train` and `evaluate` are given.
    fn split(&self, part: Part) -> Result<generated::Dataset, StepError> {
        let rows = self.snapshot.samples.part(part);
        let index = |bar: Option<usize>| bar.map(count).ok_or_else(empty);
        Ok(generated::Dataset {
            window: self.snapshot.window(part).ok_or_else(empty)?,
            rows: count(rows.len()),
            digest: self.snapshot.digest_of(part)?.to_string(),
            dataset: self.digest.to_string(),
            folder: self.folder.to_string(),
            split: part,
            first: index(rows.first())?,
            last: index(rows.last())?,
        })
    }
}

/// Splits without rows were refused before.
fn empty() -> StepError {
    StepError::bug("empty-split", "a split of the data set has no rows")
}

#[cfg(test)]
mod tests;
