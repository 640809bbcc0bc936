//! `leakage_scan`: looks for every known way that a model can have seen what it is judged by.

mod scene;

use crate::evaluate::load_model;
use crate::figure::{Figure, count};
use crate::generated::{LeakageCheck, LeakageScanIn, LeakageScanOut};
use crate::records::artifacts;
use crate::snapshot::Snapshot;
use scene::Scene;
use suho_market::leakage::{Finding, LeakReport, LeakVerdict};
use suho_step::{Context, Inputs, Outputs, Step, StepError};

/// Looks for every known way that a model can have seen what it is judged by.
pub(crate) struct LeakageScan;

impl Step for LeakageScan {
    fn signature(&self) -> &'static str {
        "leakage_scan"
    }

    fn run(&self, context: &mut Context<'_>, inputs: &Inputs) -> Result<Outputs, StepError> {
        let LeakageScanIn { data, model, against, accept_suspicious } =
            LeakageScanIn::read(inputs)?;
        let artifacts = artifacts(context)?;
        let snapshot = Snapshot::load(&artifacts, &data.test)?;
        let model = load_model(&artifacts, &model)?;
        let scene = Scene::of(&snapshot, &model)?;
        if context.is_cancelled() {
            return Err(StepError::cancelled());
        }
        let report = scene.report(against.as_ref(), accept_suspicious.as_deref())?;
        for finding in &report.findings {
            context.log(&finding.to_string());
        }
        Ok(outputs(&report).into())
    }
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
