//! `leakage_scan`: looks for every known way that a model can have seen what it is judged by.

mod looks;
mod permuted;
mod scene;

use crate::evaluate::load_model;
use crate::figure::{Figure, count};
use crate::generated::{Dataset, LeakageCheck, LeakageScanIn, LeakageScanOut, ScanDepth};
use crate::records::artifacts;
use crate::snapshot::Snapshot;
use crate::sources::query::PLATFORM;
use looks::Looks;
use scene::{Asked, Scene};
use suho_market::leakage::{Finding, LeakReport, LeakVerdict};
use suho_step::{Context, Inputs, Outputs, Step, StepError};

/// Looks for every known way that a model can have seen what it is judged by.
pub(crate) struct LeakageScan;

impl Step for LeakageScan {
    fn signature(&self) -> &'static str {
        "leakage_scan"
    }

    fn run(&self, context: &mut Context<'_>, inputs: &Inputs) -> Result<Outputs, StepError> {
        let LeakageScanIn { data, model, against, accept_suspicious, depth } =
            LeakageScanIn::read(inputs)?;
        let artifacts = artifacts(context)?;
        let snapshot = Snapshot::load(&artifacts, &data.test)?;
        let looks = Looks::of(&snapshot, &data.test, &model)?;
        let evaluations = looks.count(context, &artifacts, &model)?;
        let model = load_model(&artifacts, &model)?;
        let unlearnt = match depth {
            ScanDepth::Usual => None,
            ScanDepth::Deep => permuted::learn(context, &snapshot, &model)?,
        };
        let scene = Scene::of(&snapshot, &model)?;
        if context.is_cancelled() {
            return Err(StepError::cancelled());
        }
        let report = scene.report(&Asked {
            against: against.as_ref(),
            accepted: accept_suspicious.as_deref(),
            provenance: &Snapshot::provenance(&artifacts, &data.test)?,
            allowed: &allowed(&data.test),
            evaluations,
            unlearnt: unlearnt.as_ref(),
        })?;
        for finding in &report.findings {
            context.log(&finding.to_string());
        }
        Ok(outputs(&report).into())
    }

    /// Takes back the mark that the model was measured on the test.
    fn undo(&self, context: &mut Context<'_>, _: &Inputs) -> Result<(), StepError> {
        Looks::forget(context, &artifacts(context)?)
    }
}

/// The tenants whose rows may be in the data set of `rows`: the platform's, and the scope's own. The
/// scope is in the folder's name: `_datasets/tenant.acme/…`.
fn allowed(rows: &Dataset) -> Vec<String> {
    let scope = rows.folder.split('/').nth(1).unwrap_or_default();
    let own = scope.split('.').nth(1).map(str::to_owned);
    std::iter::once(PLATFORM.to_owned()).chain(own).collect()
}

/// A required check that did not run leaves the number of findings undefined, which no gate takes
/// for zero.
fn outputs(report: &LeakReport) -> LeakageScanOut {
    let unknown = || {
        let skipped: Vec<&str> = report.skipped().iter().map(|check| check.id()).collect();
        Figure::undefined(format!("{} could not run", skipped.join(", ")))
    };
    let findings = report.leaks().map_or_else(unknown, count);
    LeakageScanOut {
        findings,
        warnings: count(report.ended(LeakVerdict::Warn).count()),
        summary: summary(report),
        checks: report.findings.iter().map(line).collect(),
    }
}

fn line(finding: &Finding) -> LeakageCheck {
    LeakageCheck {
        check: finding.check.clone(),
        verdict: finding.verdict.to_string(),
        detail: finding.detail.clone(),
        count: count(finding.count),
    }
}

/// The gravest findings in one line.
fn summary(report: &LeakReport) -> String {
    for verdict in [LeakVerdict::Fail, LeakVerdict::NotRun, LeakVerdict::Warn] {
        let found: Vec<String> = report
            .ended(verdict)
            .map(|finding| format!("{} {verdict}: {}", finding.check, finding.detail))
            .collect();
        if !found.is_empty() {
            return found.join("; ");
        }
    }
    format!("{} checks passed", report.ended(LeakVerdict::Pass).count())
}

#[cfg(test)]
mod tests;
