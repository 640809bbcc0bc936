//! The facts that the checks look at, read off a snapshot and the model that learned from it.

use super::permuted::Unlearnt;
use crate::columns;
use crate::failure;
use crate::generated::{Model, Part};
use crate::model::LoadedModel;
use crate::snapshot::Snapshot;
use crate::train::fit_scaler;
use std::ops::Range;
use suho_features::{Bar, Matrix, Stream};
use suho_market::clickhouse::TenantRows;
use suho_market::leakage::{
    Baseline, Evidence, Extent, FeatureColumns, Gap, Given, History, LeakReport, Parity, Parts,
    PermutationTest, PointInTime, Results, Rows, SampleKey, Scaler, ScalerFit, ShiftTest, Targets,
    Tenants, Transform, TransformKind, scan,
};
use suho_market::{Class, Label, Lineage, Manifest};
use suho_stats::{majority_accuracy, majority_class};
use suho_step::StepError;

/// Chooses the places at which features are computed again.
pub(super) const SEED: u64 = 17;

/// A model and the rows it learned from and is judged by.
pub(super) struct Scene<'a> {
    snapshot: &'a Snapshot,
    model: &'a LoadedModel,
    matrix: Matrix,
    /// The same as `[bar, feature]`.
    rows: Vec<f64>,
    labels: Vec<Option<Label>>,
    ends: Parts<Vec<usize>>,
}

/// What a scan goes by beside the rows and the model.
pub(super) struct Asked<'a> {
    /// The model that it is compared with.
    pub(super) against: Option<&'a Model>,
    /// Why results that are too good are believed.
    pub(super) accepted: Option<&'a str>,
    /// Where the bars came from.
    pub(super) provenance: &'a Manifest,
    /// The tenants whose rows may be among them.
    pub(super) allowed: &'a [String],
    /// How many other models were measured on the same test before.
    pub(super) evaluations: usize,
    /// What was learnt from permuted labels; none where nobody tried.
    pub(super) unlearnt: Option<&'a Result<Unlearnt, String>>,
}

/// What the model is right in, of its test rows.
struct Skill {
    majority: f64,
    as_is: f64,
    delayed: f64,
    advanced: Vec<f64>,
}

impl<'a> Scene<'a> {
    pub(super) fn of(snapshot: &'a Snapshot, model: &'a LoadedModel) -> Result<Self, StepError> {
        let samples = &snapshot.samples;
        let labels = suho_market::labels(
            &snapshot.bars,
            samples.label.rule(),
            samples.horizon_bars,
            samples.calendar()?,
        )
        .map_err(|error| failure::of(error.fault(), "label-not-computable", &error))?;
        let ends = |part: Part| samples.part(part).ends();
        let matrix = snapshot.features(model.features())?;
        Ok(Self {
            snapshot,
            model,
            rows: matrix.interleaved(),
            matrix,
            labels,
            ends: Parts {
                train: ends(Part::Train),
                validation: ends(Part::Validation),
                test: ends(Part::Test),
            },
        })
    }

    /// Every check of which the facts are known here.
    pub(super) fn report(&self, asked: &Asked<'_>) -> Result<LeakReport, StepError> {
        let samples = &self.snapshot.samples;
        let decisions = self.each(|end| self.decision(end));
        let label_ends = self.each(|end| self.label_end(end));
        let keys = self.keys();
        let (rows, width) = (self.each_row(), self.matrix.width());
        let again = fit_scaler(self.snapshot, &samples.train, self.model.features(), &self.matrix)?;
        let targets = self.targets();
        let future: Vec<&[f64]> = targets.future.iter().map(Vec::as_slice).collect();
        let columns: Vec<(&str, &[f64])> = self.names().zip(targets.columns()).collect();
        let names: Vec<&str> = self.names().collect();
        let recompute = |bars: Range<usize>| self.recompute(bars);
        let served = self.served();
        let skill = self.skill();
        let transforms = self.transforms();
        let arrivals = self.arrivals(asked.provenance);
        let owners = owners(asked.provenance);
        let allowed: Vec<&str> = asked.allowed.iter().map(String::as_str).collect();
        let evidence = Evidence {
            decisions: Given::Known(borrowed(&decisions)),
            label_ends: Given::Known(borrowed(&label_ends)),
            gap: Given::Known(Gap {
                bars: borrowed(&self.ends),
                declared: samples.purge + samples.embargo,
            }),
            keys: Given::Known(borrowed(&keys)),
            rows: Given::Known(rows.as_ref().map(|values| Rows { values, width })),
            scaler: self.scaler(&again),
            features: Given::Known(FeatureColumns {
                columns: &columns,
                targets: Targets {
                    log_returns: &targets.log_returns,
                    classes: &targets.classes,
                    future_closes: &future,
                },
            }),
            history: Given::Known(History {
                names: &names,
                rows: Rows { values: &self.rows, width },
                recompute: &recompute,
                warm_up: samples.warm_up,
                seed: SEED,
            }),
            shift: known(skill.as_ref().map(|skill| ShiftTest {
                majority: skill.majority,
                as_is: skill.as_is,
                delayed: skill.delayed,
                advanced: &skill.advanced,
            })),
            permutation: permutation(asked),
            times: Given::Known(PointInTime {
                joined: &[],
                ingested_at: &arrivals,
                as_of: asked.provenance.as_of.timestamp_micros(),
            }),
            parity: known(served.as_ref().map(|served| Parity {
                trained: Rows { values: &self.rows, width },
                served: Rows { values: served, width },
            })),
            evaluations: Given::Known(asked.evaluations),
            baseline: self.baseline(asked.against, &decisions.test),
            tenants: tenants(&owners, &allowed),
            transforms: Given::Known(&transforms),
            results: known(skill.as_ref().map(|skill| self.results(skill, asked))),
        };
        Ok(scan(&evidence))
    }

    /// L17: what the model came to.
    fn results<'b>(&self, skill: &Skill, asked: &Asked<'b>) -> Results<'b> {
        Results {
            accuracy: Some(skill.as_is),
            sharpe: None,
            bars: self.ends.test.len(),
            accepted: asked.accepted,
        }
    }

    /// L11: when each bar was known at the earliest, which is when it had closed, and when the last
    /// row of the source arrived.
    fn arrivals(&self, provenance: &Manifest) -> Vec<i64> {
        let closed = (0..self.snapshot.bars.len()).map(|bar| self.decision(bar));
        closed.chain(rows_of(provenance).iter().map(|rows| rows.arrived)).collect()
    }

    /// When the label of the row that ends with bar `end` was known. A row without a label cannot be:
    /// it is taken for one that never ends.
    fn label_end(&self, end: usize) -> i64 {
        let label = self.labels.get(end).and_then(Option::as_ref);
        label.map_or(i64::MAX, |label| label.known.timestamp_micros())
    }

    fn names(&self) -> impl Iterator<Item = &str> {
        self.model.features().iter().map(suho_features::Feature::name)
    }

    fn keys(&self) -> Parts<Vec<SampleKey<'_>>> {
        let samples = &self.snapshot.samples;
        let key = |end: usize| SampleKey {
            symbol: samples.symbol.as_str(),
            timeframe_us: samples.timeframe.duration().micros(),
            time: self.snapshot.bars.time.get(end).copied().unwrap_or(i64::MAX),
        };
        self.each(key)
    }

    /// L5: the model's scaler, and what train rows alone say.
    fn scaler<'s>(&'s self, again: &'s suho_train::Scaler) -> Given<ScalerFit<'s>> {
        let Some(stored) = self.model.scaler() else {
            let why = "what scales the inputs is inside a graph that another program has made";
            return Given::NotApplicable(why.into());
        };
        let bars = |range: [i64; 2]| -> Range<usize> {
            let time = &self.snapshot.bars.time;
            let [first, last] = range;
            time.partition_point(|open| *open < first)..time.partition_point(|open| *open <= last)
        };
        Given::Known(ScalerFit {
            stored: Scaler { mean: stored.mean(), scale: stored.scale() },
            recomputed: Scaler { mean: again.mean(), scale: again.scale() },
            fit: bars(stored.fit_range()),
            train: bars(again.fit_range()),
        })
    }

    fn targets(&self) -> Foretold {
        let Parts { train, validation, test } = &self.ends;
        let rows: Vec<(usize, Label)> = [train, validation, test]
            .into_iter()
            .flatten()
            .filter_map(|end| Some((*end, (*self.labels.get(*end)?)?)))
            .collect();
        let columns = (0..self.matrix.width())
            .map(|feature| {
                let column = self.matrix.column(feature);
                rows.iter().filter_map(|(end, _)| column.get(*end).copied()).collect()
            })
            .collect();
        let close = &self.snapshot.bars.close;
        let future = (1..=self.snapshot.samples.horizon_bars)
            .map(|ahead| {
                rows.iter().filter_map(|(end, _)| close.get(end + ahead).copied()).collect()
            })
            .collect();
        Foretold {
            columns,
            log_returns: rows.iter().map(|(_, label)| label.log_return).collect(),
            classes: rows.iter().map(|(_, label)| label.class).collect(),
            future,
        }
    }

    /// L7 and L8: the features of `bars`, as if there were no others.
    fn recompute(&self, bars: Range<usize>) -> Result<Vec<f64>, String> {
        let alone = self.snapshot.bars.slice(bars);
        columns::matrix(self.model.features(), &alone)
            .map(|matrix| matrix.interleaved())
            .map_err(|error| error.to_string())
    }

    /// L12: the features as the gateway computes them, bar by bar.
    fn served(&self) -> Result<Vec<f64>, String> {
        let timeframe = self.snapshot.samples.timeframe;
        let mut stream =
            Stream::new(self.model.features(), timeframe).map_err(|e| e.to_string())?;
        let mut rows = Vec::with_capacity(self.rows.len());
        for bar in self.snapshot.bars.iter() {
            let suho_market::Bar { time, open, high, low, close, volume } = bar;
            let row = stream.update(&Bar { time, open, high, low, close, volume });
            rows.extend_from_slice(row.map_err(|error| error.to_string())?);
        }
        Ok(rows)
    }

    /// L9 and L17: how often the model is right, with bars as they came, late and early.
    fn skill(&self) -> Result<Skill, String> {
        let test = self.snapshot.samples.part(Part::Test);
        let (labels, bars) = (test.labels(), self.snapshot.bars.len());
        let right = |shift: isize| -> Result<f64, String> {
            let shifted = self.ends.test.iter().zip(&labels).filter_map(|(end, label)| {
                let end = end.checked_add_signed(shift)?;
                (end < bars).then_some((end, usize::from(*label)))
            });
            let (ends, labels): (Vec<usize>, Vec<usize>) = shifted.unzip();
            let answers = self
                .model
                .predict_where_whole(&self.snapshot.bars, &ends)
                .map_err(|error| error.to_string())?;
            let answered = answers.iter().zip(labels).filter_map(|(answer, label)| {
                answer.as_ref().map(|answer| answer.class() == label)
            });
            let verdicts: Vec<bool> = answered.collect();
            let correct = verdicts.iter().filter(|is_right| **is_right).count();
            Ok(correct as f64 / verdicts.len() as f64)
        };
        let classes = |part: Part| -> Vec<usize> {
            self.snapshot.samples.part(part).labels().into_iter().map(usize::from).collect()
        };
        let majority = majority_class(&classes(Part::Train))
            .and_then(|class| majority_accuracy(class, &classes(Part::Test)).defined());
        let horizon = isize::try_from(self.snapshot.samples.horizon_bars).unwrap_or(0);
        Ok(Skill {
            majority: majority.unwrap_or(f64::NAN),
            as_is: right(0)?,
            delayed: right(-1)?,
            advanced: (1..=horizon).map(right).collect::<Result<_, _>>()?,
        })
    }

    /// L14: what the model it is compared with has learned from.
    fn baseline<'t>(&self, against: Option<&Model>, test: &'t [i64]) -> Given<Baseline<'t>> {
        let Some(against) = against else {
            return Given::NotApplicable("there is no model to compare with".into());
        };
        let Some(seen) = against.trained_on else {
            return Given::Unknown(format!(
                "nobody knows what {} has learned from",
                against.title()
            ));
        };
        Given::Known(Baseline {
            learned: seen.start.micros()..seen.end.micros(),
            test,
            purge_us: self.snapshot.samples.horizon.micros(),
        })
    }

    /// L16: what is done to columns between bars and network. Features look back by themselves (L7).
    fn transforms(&self) -> Vec<Transform> {
        let kind = TransformKind::Scale(Extent::Train);
        self.names().map(|name| Transform { of: name.to_owned(), kind }).collect()
    }

    fn decision(&self, end: usize) -> i64 {
        self.snapshot.decision(end).map_or(i64::MAX, suho_domain::Instant::micros)
    }

    /// `value` of the last bar of each row.
    fn each<T>(&self, value: impl Fn(usize) -> T) -> Parts<Vec<T>> {
        self.ends.as_ref().map(|ends| ends.iter().map(|end| value(*end)).collect())
    }

    /// The features of the last bar of each row.
    fn each_row(&self) -> Parts<Vec<f64>> {
        let row = |end: &usize| self.matrix.row(*end);
        self.ends.as_ref().map(|ends| ends.iter().flat_map(row).collect())
    }
}

/// L6: the features of all labelled rows, and what they must not be.
struct Foretold {
    columns: Vec<Vec<f64>>,
    log_returns: Vec<f64>,
    classes: Vec<Class>,
    future: Vec<Vec<f64>>,
}

impl Foretold {
    fn columns(&self) -> impl Iterator<Item = &[f64]> {
        self.columns.iter().map(Vec::as_slice)
    }
}

fn borrowed<T>(parts: &Parts<Vec<T>>) -> Parts<&[T]> {
    parts.as_ref().map(Vec::as_slice)
}

/// Whose rows the bars were made of, where the source says.
fn rows_of(provenance: &Manifest) -> &[TenantRows] {
    match &provenance.lineage {
        Some(Lineage::ClickHouse { rows, .. }) => rows,
        _ => &[],
    }
}

/// L15: each tenant with the number of its rows.
fn owners(provenance: &Manifest) -> Vec<(&str, usize)> {
    rows_of(provenance).iter().map(|rows| (rows.tenant.as_str(), rows.rows)).collect()
}

/// What could not be computed is not known: the check has not run.
fn known<T>(fact: Result<T, &String>) -> Given<T> {
    fact.map_or_else(|reason| Given::Unknown(reason.clone()), Given::Known)
}

/// L10: what was learnt from labels that say nothing.
fn permutation<'a>(asked: &Asked<'a>) -> Given<PermutationTest<'a>> {
    match asked.unlearnt {
        None => Given::NotApplicable(
            "only a deep scan of a network of layers trains on permuted labels".into(),
        ),
        Some(unlearnt) => known(unlearnt.as_ref().map(|unlearnt| PermutationTest {
            correct: &unlearnt.correct,
            majority: unlearnt.majority,
        })),
    }
}

/// L15: whose rows there are, and whose there may be.
fn tenants<'a>(owners: &'a [(&'a str, usize)], allowed: &'a [&'a str]) -> Given<Tenants<'a>> {
    if owners.is_empty() {
        return Given::NotApplicable("the source's rows belong to nobody".into());
    }
    Given::Known(Tenants { found: owners, allowed })
}
