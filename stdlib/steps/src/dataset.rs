//! `dataset`: reads bars, checks and freezes them, computes features and labels, and splits them.

mod quality;
mod source;

pub(crate) use source::refused as refused_source;

use crate::failure;
use crate::records::{Rows, artifacts};
use crate::snapshot::{Part, Samples, Snapshot, SplitRows};
use crate::spec::{Choice, Label, Source, Split};
use crate::values::{count, fields, texts, window};
use quality::QualityPolicies;
use serde::{Deserialize, Serialize};
use suho_artifacts::{ArtifactPath, Artifacts};
use suho_domain::{Digest, Duration, Instant, Record, Symbol, Timeframe, Value};
use suho_features::{Feature, FeatureListError, Matrix};
use suho_market::{Bars, Dropped, QualityReport, Sampling, SplitError, SplitRule, Verdict};
use suho_step::attempt::{read_json, write_whole};
use suho_step::{Context, Inputs, Outputs, Step, StepError};
use suho_time::Calendar;

/// Largest share of rows after the warm-up that may lack a feature (domain §4.4).
const MISSING_SHARE_MAX: f64 = 0.01;
/// Where an attempt notes, in its own folder, what it is about to seal.
const INTENT: &str = "sealing.json";

/// Reads bars, checks and freezes them, computes features and labels, and splits them.
pub(crate) struct Dataset;

/// What is asked for, beside source and quality.
struct Ask {
    symbol: Symbol,
    timeframe: Timeframe,
    features: Vec<Feature>,
    calendar: Calendar,
    horizon: Duration,
    horizon_bars: usize,
    label: Label,
    sequence: usize,
    split: SplitRule,
}

/// A folder that an attempt is about to fill.
#[derive(Debug, Serialize, Deserialize)]
struct Intent {
    folder: ArtifactPath,
}

impl Step for Dataset {
    fn signature(&self) -> &'static str {
        "dataset"
    }

    fn run(&self, context: &mut Context<'_>, inputs: &Inputs) -> Result<Outputs, StepError> {
        let ask = Ask::read(inputs)?;
        let (bars, read, report) = take(context, inputs, &ask)?;
        alive(context)?;
        let (snapshot, dropped) = ask.snapshot(bars)?;
        alive(context)?;
        let source = inputs.value("source")?.to_string();
        let (folder, digest) = seal(context, &snapshot, &source)?;
        let mut outputs = outputs(&snapshot, &folder, &digest)?;
        outputs.set("source", Value::text(source));
        outputs.set("dropped", dropped_value(&dropped));
        outputs.set("quality", quality::summary(read, &report));
        outputs.set("quality_checks", quality::lines(&report));
        outputs.set("repaired_bars", quality::repairs(&report));
        Ok(outputs)
    }

    /// Removes the snapshot if this attempt was the one that made it.
    fn undo(&self, context: &mut Context<'_>, _: &Inputs) -> Result<(), StepError> {
        let intent: Option<Intent> = read_json(&context.folder().join(INTENT))
            .map_err(|error| failure::of(error.fault(), "scratch", &error))?;
        let Some(intent) = intent else { return Ok(()) };
        Snapshot::unseal(&artifacts(context)?, &intent.folder)
    }
}

/// The bars asked for, judged and repaired; how many were read; what was found.
fn take(
    context: &mut Context<'_>,
    inputs: &Inputs,
    ask: &Ask,
) -> Result<(Bars, usize, QualityReport), StepError> {
    let policies: QualityPolicies = inputs.read::<Option<_>>("quality")?.unwrap_or_default();
    let Choice(from) = inputs.read::<Choice<Source>>("source")?;
    let bars = source::read(context, inputs, &from, &ask.symbol, ask.timeframe)?;
    let read = bars.len();
    alive(context)?;
    let (bars, report) = suho_market::judge(bars, ask.calendar, &policies.rules()?);
    say(context, &report);
    quality::accept(&report, &from)?;
    Ok((bars, read, report))
}

/// The bars that a step of these inputs takes, repaired.
pub(crate) fn repaired(context: &mut Context<'_>, inputs: &Inputs) -> Result<Bars, StepError> {
    let ask = Ask::read(inputs)?;
    Ok(take(context, inputs, &ask)?.0)
}

/// How many bars and rows a step of these inputs would hold.
pub(crate) fn counted(context: &mut Context<'_>, inputs: &Inputs) -> Result<Record, StepError> {
    let ask = Ask::read(inputs)?;
    let (bars, ..) = take(context, inputs, &ask)?;
    let bars_count = bars.len();
    let (snapshot, _) = ask.snapshot(bars)?;
    let samples = &snapshot.samples;
    let counts = [
        ("bars", bars_count),
        ("warm_up", samples.warm_up),
        ("purge", samples.purge),
        ("embargo", samples.embargo),
    ];
    let parts = Part::ALL.map(|part| (part.name(), samples.part(part).len()));
    let counts = counts.into_iter().chain(parts);
    Ok(counts.map(|(name, number)| (name.to_owned(), count(number))).collect())
}

impl Ask {
    fn read(inputs: &Inputs) -> Result<Self, StepError> {
        let names: Vec<String> = inputs.read("features")?;
        let features = suho_features::parse_list(&names).map_err(|error| unknown(&error))?;
        let timeframe: Timeframe = inputs.read("timeframe")?;
        let calendar: Option<String> = inputs.read::<Option<_>>("calendar")?;
        let calendar = match calendar {
            Some(name) => name.parse().map_err(|error: suho_time::UnknownCalendar| {
                failure::of(suho_domain::Fault::User, "unknown-calendar", &error)
            })?,
            None => Calendar::Always,
        };
        let horizon = follows::<Duration>(inputs, "horizon")?;
        let (shares, purge, embargo) = inputs
            .read::<Option<Choice<Split>>>("split")?
            .map_or_else(Split::default, |c| c.0)
            .shares()?;
        Ok(Self {
            symbol: inputs.read("symbol")?,
            timeframe,
            features,
            calendar,
            horizon,
            horizon_bars: bars_of(horizon, timeframe)?,
            label: follows::<Choice<Label>>(inputs, "label")?.0,
            sequence: follows(inputs, "sequence")?,
            split: SplitRule { shares, purge, embargo, ..SplitRule::standard() },
        })
    }

    /// The samples among `bars`, split, and what became of the other bars.
    fn snapshot(&self, bars: Bars) -> Result<(Snapshot, Dropped), StepError> {
        let label = self.label.canonical()?;
        let target = (self.symbol.clone(), self.timeframe, self.calendar);
        let learnt = (self.horizon, self.horizon_bars, label);
        let samples = Samples::of(target, &self.features, learnt, self.sequence);
        let mut snapshot = Snapshot { bars, samples };
        let matrix = snapshot.features(&self.features).map_err(|error| {
            error.help("leave the feature out, or take a source that has the column")
        })?;
        let labels =
            suho_market::labels(&snapshot.bars, label.rule(), self.horizon_bars, self.calendar)
                .map_err(|error| failure::of(error.fault(), "label-not-computable", &error))?;
        let sampling = Sampling {
            warm_up: snapshot.samples.warm_up,
            sequence: self.sequence,
            horizon: self.horizon_bars,
        };
        let labelled: Vec<bool> = labels.iter().map(Option::is_some).collect();
        let ends = suho_market::usable_samples(&whole_rows(&matrix), &labelled, &sampling);
        let split = suho_market::split_samples(snapshot.bars.len(), &ends, &sampling, &self.split)
            .map_err(|error| refused_split(&error))?;
        enough_features(&split.dropped, snapshot.bars.len())?;
        let rows = |range: &std::ops::Range<usize>| {
            let ends = ends.get(range.clone()).unwrap_or_default().iter();
            SplitRows::new(ends.filter_map(|end| {
                let label = labels.get(*end)?.as_ref()?;
                Some((*end, u8::try_from(label.class.index()).ok()?))
            }))
        };
        snapshot.samples.purge = self.split.purge.unwrap_or(self.horizon_bars);
        snapshot.samples.embargo = self.split.embargo.unwrap_or(self.sequence);
        snapshot.samples.train = rows(&split.train);
        snapshot.samples.validation = rows(&split.validation);
        snapshot.samples.test = rows(&split.test);
        Ok((snapshot, split.dropped))
    }
}

/// An input that follows from the model trained on the data, unless it is written.
fn follows<T: serde::de::DeserializeOwned>(inputs: &Inputs, port: &str) -> Result<T, StepError> {
    inputs.read::<Option<T>>(port)?.ok_or_else(|| {
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

/// Whether each bar has all features.
fn whole_rows(matrix: &Matrix) -> Vec<bool> {
    let is_whole = |bar| matrix.row(bar).is_some_and(|row| row.iter().all(|x| x.is_finite()));
    (0..matrix.rows()).map(is_whole).collect()
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
    failure::of(suho_domain::Fault::User, code, error).help("`suho features` lists the catalogue")
}

fn refused_split(error: &SplitError) -> StepError {
    let failure = failure::of(error.fault(), error.code(), error);
    match error {
        SplitError::TooFewRows { lacking, .. } => failure
            .help(format!("give the source at least {lacking} more bars, or hold back fewer")),
        SplitError::PurgeTooShort { .. } => failure.help("leave `purge` out"),
        SplitError::Nothing => failure.help("`chronological(train: 5, validation: 1, test: 1)`"),
    }
}

/// Goes on, unless the attempt is to end.
fn alive(context: &Context<'_>) -> Result<(), StepError> {
    if context.is_cancelled() { Err(StepError::cancelled()) } else { Ok(()) }
}

/// Logs what people should know of the quality.
fn say(context: &mut Context<'_>, report: &QualityReport) {
    for check in report.checks.iter().filter(|check| check.verdict != Verdict::Pass) {
        context.log(&format!("quality  {check}"));
    }
}

/// Seals `snapshot`, unless it is there already; answers its folder and digest.
fn seal(
    context: &Context<'_>,
    snapshot: &Snapshot,
    source: &str,
) -> Result<(ArtifactPath, Digest), StepError> {
    let artifacts = artifacts(context)?;
    let digest = snapshot.digest()?;
    let folder = Snapshot::folder(&digest)?;
    if Snapshot::is_sealed(&artifacts, &folder)? {
        verify(&artifacts, snapshot, &folder, &digest)?;
        return Ok((folder, digest));
    }
    // Noted first, so that whoever undoes this attempt knows what may be there.
    let intent = Intent { folder: folder.clone() };
    write_whole(&context.folder().join(INTENT), &intent)
        .map_err(|error| failure::of(error.fault(), "scratch", &error))?;
    snapshot.seal(&artifacts, &folder, source, context.logical_time())?;
    Ok((folder, digest))
}

/// Reads the sealed snapshot back: what is there must be what was frozen.
fn verify(
    artifacts: &Artifacts,
    snapshot: &Snapshot,
    folder: &ArtifactPath,
    digest: &Digest,
) -> Result<(), StepError> {
    let Some(window) = snapshot.window(Part::Train) else { return Ok(()) };
    let (dataset, folder) = (digest.clone(), folder.to_string());
    Snapshot::load(artifacts, &Rows { dataset, folder, split: Part::Train, window }).map(|_| ())
}

fn outputs(
    snapshot: &Snapshot,
    folder: &ArtifactPath,
    digest: &Digest,
) -> Result<Outputs, StepError> {
    let samples = &snapshot.samples;
    let (bars, rows) = (snapshot.bars.len(), Part::ALL.map(|part| samples.part(part).len()));
    let first = snapshot.bars.open_time(0).map(Instant::from_chrono);
    let last = bars.checked_sub(1).and_then(|last| snapshot.decision(last));
    let whole = first.zip(last).map_or(Value::None, |(first, last)| window(first, last));
    let mut outputs = Outputs::new()
        .with("digest", Value::text(digest.as_str()))
        .with("window", whole)
        .with("bars", count(bars))
        .with("rows", count(rows.iter().sum()))
        .with("manifest", Value::text(Snapshot::manifest(folder)?.as_str()))
        .with("features", texts(&samples.features))
        .with("feature_version", Value::text(suho_features::FEATURE_VERSION))
        .with("sequence", count(samples.sequence))
        .with("horizon", Value::Duration(samples.horizon))
        .with("warm_up", count(samples.warm_up))
        .with("purge", count(samples.purge))
        .with("embargo", count(samples.embargo));
    for part in Part::ALL {
        outputs.set(part.name(), split(snapshot, folder, digest, part)?);
    }
    Ok(outputs)
}

/// One split as a value: what `train` and `evaluate` are given.
fn split(
    snapshot: &Snapshot,
    folder: &ArtifactPath,
    dataset: &Digest,
    part: Part,
) -> Result<Value, StepError> {
    let rows = snapshot.samples.part(part);
    let index = |bar: Option<usize>| bar.map_or(Value::None, count);
    let times = snapshot.window(part).map_or(Value::None, |w| window(w.start, w.end));
    Ok(Value::record([
        ("digest", Value::text(snapshot.digest_of(part)?.as_str())),
        ("dataset", Value::text(dataset.as_str())),
        ("folder", Value::text(folder.as_str())),
        ("split", Value::text(part.name())),
        ("window", times),
        ("rows", count(rows.len())),
        ("first", index(rows.first())),
        ("last", index(rows.last())),
    ]))
}

fn dropped_value(dropped: &Dropped) -> Value {
    Value::Record(fields([
        ("warm_up", count(dropped.warm_up)),
        ("sequence", count(dropped.sequence)),
        ("labels", count(dropped.labels)),
        ("missing", count(dropped.nan)),
        ("purge", count(dropped.purge)),
        ("embargo", count(dropped.embargo)),
    ]))
}

#[cfg(test)]
mod tests;
