//! `leakage_scan`: looks for every known way that a model can have seen what it is judged by.

use crate::evaluate::load_model;
use crate::failure;
use crate::figure::{Figure, count};
use crate::generated::{LeakageCheck, LeakageScanIn, LeakageScanOut, Model, Part};
use crate::model::LoadedModel;
use crate::records::artifacts;
use crate::snapshot::Snapshot;
use crate::train::fit_scaler;
use std::ops::Range;
use suho_features::Matrix;
use suho_market::leakage::{
    Finding, LeakVerdict, Parts, Rows, Scaler, Targets, l1_parts_in_order, l2_labels_end_in_time,
    l3_embargo_is_kept, l4_keys_are_apart, l4b_rows_are_apart, l5_scaler_is_of_train,
    l6_target_in_features, l14_test_is_new_to_baseline,
};
use suho_market::{Class, Label};
use suho_step::{Context, Inputs, Outputs, Step, StepError};

/// Looks for every known way that a model can have seen what it is judged by.
pub(crate) struct LeakageScan;

impl Step for LeakageScan {
    fn signature(&self) -> &'static str {
        "leakage_scan"
    }

    fn run(&self, context: &mut Context<'_>, inputs: &Inputs) -> Result<Outputs, StepError> {
        let LeakageScanIn { data, model, against } = LeakageScanIn::read(inputs)?;
        let artifacts = artifacts(context)?;
        let snapshot = Snapshot::load(&artifacts, &data.test)?;
        let model = load_model(&artifacts, &model)?;
        let scene = Scene::of(&snapshot, &model)?;
        if context.is_cancelled() {
            return Err(StepError::cancelled());
        }
        let mut checks = scene.splits();
        checks.push(scene.scaler()?);
        checks.push(scene.targets());
        if let Some(against) = &against {
            checks.push(scene.baseline(against));
        }
        for check in &checks {
            context.log(&check.to_string());
        }
        Ok(outputs(&checks, against.is_none()).into())
    }
}

/// What the checks look at.
struct Scene<'a> {
    snapshot: &'a Snapshot,
    model: &'a LoadedModel,
    matrix: Matrix,
    labels: Vec<Option<Label>>,
    ends: Parts<Vec<usize>>,
}

impl<'a> Scene<'a> {
    fn of(snapshot: &'a Snapshot, model: &'a LoadedModel) -> Result<Self, StepError> {
        let samples = &snapshot.samples;
        let labels = suho_market::labels(
            &snapshot.bars,
            samples.label.rule(),
            samples.horizon_bars,
            samples.calendar()?,
        )
        .map_err(|error| failure::of(error.fault(), "label-not-computable", &error))?;
        let ends = |part: Part| samples.part(part).ends();
        Ok(Self {
            snapshot,
            model,
            matrix: snapshot.features(model.features())?,
            labels,
            ends: Parts {
                train: ends(Part::Train),
                validation: ends(Part::Validation),
                test: ends(Part::Test),
            },
        })
    }

    /// L1 to L4b: the rows of the splits have nothing to do with each other.
    fn splits(&self) -> Vec<Finding> {
        let samples = &self.snapshot.samples;
        let decisions = self.each(|end| self.decision(end));
        let label_ends = self.each(|end| {
            let label = self.labels.get(end).and_then(Option::as_ref);
            // A row without a label cannot be: it is taken for one that never ends.
            label.map_or(i64::MAX, |label| label.known.timestamp_micros())
        });
        let rows = self.each_row();
        let width = self.matrix.width();
        vec![
            l1_parts_in_order(borrowed(&decisions)),
            l2_labels_end_in_time(borrowed(&decisions), borrowed(&label_ends)),
            l3_embargo_is_kept(borrowed(&self.ends), samples.purge + samples.embargo),
            l4_keys_are_apart(borrowed(&decisions)),
            l4b_rows_are_apart(Parts {
                train: Rows { values: &rows.train, width },
                validation: Rows { values: &rows.validation, width },
                test: Rows { values: &rows.test, width },
            }),
        ]
    }

    /// L5: the model's scaler is what train rows alone say.
    fn scaler(&self) -> Result<Finding, StepError> {
        let stored = self.model.scaler();
        let again = fit_scaler(self.snapshot, self.model.features(), &self.matrix)?;
        let bars = |range: [i64; 2]| -> Range<usize> {
            let time = &self.snapshot.bars.time;
            let [first, last] = range;
            time.partition_point(|open| *open < first)..time.partition_point(|open| *open <= last)
        };
        Ok(l5_scaler_is_of_train(
            Scaler { mean: stored.mean(), scale: stored.scale() },
            Scaler { mean: again.mean(), scale: again.scale() },
            &bars(stored.fit_range()),
            &bars(again.fit_range()),
        ))
    }

    /// L6: no feature is the target by another name.
    fn targets(&self) -> Finding {
        let Parts { train, validation, test } = &self.ends;
        let rows: Vec<(usize, Label)> = [train, validation, test]
            .into_iter()
            .flatten()
            .filter_map(|end| Some((*end, (*self.labels.get(*end)?)?)))
            .collect();
        let columns: Vec<Vec<f64>> = (0..self.matrix.width())
            .map(|feature| {
                let column: Vec<f64> = self.matrix.column(feature).collect();
                rows.iter().filter_map(|(end, _)| column.get(*end).copied()).collect()
            })
            .collect();
        let close = &self.snapshot.bars.close;
        let future: Vec<Vec<f64>> = (1..=self.snapshot.samples.horizon_bars)
            .map(|ahead| {
                rows.iter().filter_map(|(end, _)| close.get(end + ahead).copied()).collect()
            })
            .collect();
        let log_returns: Vec<f64> = rows.iter().map(|(_, label)| label.log_return).collect();
        let classes: Vec<Class> = rows.iter().map(|(_, label)| label.class).collect();
        let future_closes: Vec<&[f64]> = future.iter().map(Vec::as_slice).collect();
        let features: Vec<(&str, &[f64])> = self
            .model
            .features()
            .iter()
            .zip(&columns)
            .map(|(feature, column)| (feature.name(), column.as_slice()))
            .collect();
        let targets =
            Targets { log_returns: &log_returns, classes: &classes, future_closes: &future_closes };
        l6_target_in_features(&features, &targets)
    }

    /// L14: the model it is compared with has not learned from the test rows.
    fn baseline(&self, against: &Model) -> Finding {
        let Some(seen) = against.trained_on else {
            return Finding {
                check: "L14".to_owned(),
                verdict: LeakVerdict::NotRun,
                detail: format!("nobody knows what {} has learned from", against.title()),
                count: 0,
            };
        };
        let decisions: Vec<i64> = self.ends.test.iter().map(|end| self.decision(*end)).collect();
        let seen = seen.start.micros()..seen.end.micros();
        l14_test_is_new_to_baseline(&seen, &decisions, self.snapshot.samples.horizon.micros())
    }

    fn decision(&self, end: usize) -> i64 {
        self.snapshot.decision(end).map_or(i64::MAX, suho_domain::Instant::micros)
    }

    /// `value` of the last bar of each row.
    fn each(&self, value: impl Fn(usize) -> i64) -> Parts<Vec<i64>> {
        let of = |ends: &Vec<usize>| ends.iter().map(|end| value(*end)).collect();
        let Parts { train, validation, test } = &self.ends;
        Parts { train: of(train), validation: of(validation), test: of(test) }
    }

    /// The features of the last bar of each row.
    fn each_row(&self) -> Parts<Vec<f64>> {
        let of = |ends: &Vec<usize>| {
            let row = |end: &usize| self.matrix.row(*end).unwrap_or_default();
            ends.iter().flat_map(row).copied().collect()
        };
        let Parts { train, validation, test } = &self.ends;
        Parts { train: of(train), validation: of(validation), test: of(test) }
    }
}

fn borrowed<T>(parts: &Parts<Vec<T>>) -> Parts<&[T]> {
    Parts { train: &parts.train, validation: &parts.validation, test: &parts.test }
}

/// Every check that was to be made is required: one that found nothing to look at leaves the
/// number of findings undefined, which no gate takes for zero.
fn outputs(checks: &[Finding], is_first: bool) -> LeakageScanOut {
    let ended = |verdict: LeakVerdict| {
        let named = checks.iter().filter(move |check| check.verdict == verdict);
        named.map(|check| check.check.as_str()).collect::<Vec<_>>()
    };
    let failed = ended(LeakVerdict::Fail);
    let (warned, not_run) = (ended(LeakVerdict::Warn), ended(LeakVerdict::NotRun));
    let findings = if not_run.is_empty() {
        count(failed.len())
    } else {
        Figure::undefined(format!("{} could not run", not_run.join(", ")))
    };
    let mut lines: Vec<LeakageCheck> = checks
        .iter()
        .map(|check| line(&check.check, &check.verdict.to_string(), &check.detail, check.count))
        .collect();
    if is_first {
        lines.push(line("L14", "not applicable", "there is no model to compare with", 0));
    }
    LeakageScanOut {
        findings,
        warnings: count(warned.len()),
        summary: summary(checks),
        checks: lines,
    }
}

fn line(check: &str, verdict: &str, detail: &str, found: usize) -> LeakageCheck {
    LeakageCheck {
        check: check.to_owned(),
        verdict: verdict.to_owned(),
        detail: detail.to_owned(),
        count: count(found),
    }
}

/// The gravest findings in one line.
fn summary(checks: &[Finding]) -> String {
    for verdict in [LeakVerdict::Fail, LeakVerdict::NotRun, LeakVerdict::Warn] {
        let found: Vec<String> = checks
            .iter()
            .filter(|check| check.verdict == verdict)
            .map(|check| format!("{} {verdict}: {}", check.check, check.detail))
            .collect();
        if !found.is_empty() {
            return found.join("; ");
        }
    }
    format!("{} checks passed", checks.len())
}

#[cfg(test)]
mod tests;
