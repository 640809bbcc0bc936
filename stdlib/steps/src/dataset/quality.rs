//! What is done about bad bars, and what was found, as the step gives it.

use crate::figure::count;
use crate::generated::{QualityCheck, QualityReport, QualityRules, RepairedBar, Source};
use suho_domain::Instant;
use suho_market::{Check, CheckResult, Limits, Policy, Repair, Verdict};
use suho_step::StepError;

/// The word of the language for what a check looks at; none where there is nothing to choose.
const fn word(check: Check) -> Option<&'static str> {
    Some(match check {
        Check::Order => "order",
        Check::Duplicates => "duplicate",
        Check::Finite | Check::Prices => "price",
        Check::HighLow => "high_low",
        Check::Weekend => "weekend",
        Check::Missing => "missing",
        Check::ZeroRange => "zero_range",
        Check::Spikes => "spike",
        Check::Rows => return None,
    })
}

impl QualityRules {
    /// The rules as they are checked: whether there are enough bars is for the split to say, which
    /// knows what it needs.
    pub(super) fn rules(&self) -> Result<suho_market::QualityRules, StepError> {
        let mut rules = suho_market::QualityRules::standard();
        rules.limits = Limits { rows_min: 1, ..rules.limits };
        for check in Check::ALL {
            let policy = self.policy(check);
            let is_price = matches!(check, Check::Finite | Check::Prices);
            let refused = || {
                let name = word(check).unwrap_or_default();
                let message = format!("`{name}` cannot be repaired without inventing prices");
                StepError::user("not-repairable", message)
                    .help(format!("write `quality = {{ {name} = warn }}` or leave it out"))
            };
            if is_price && policy == Policy::Repair {
                return Err(refused());
            }
            rules = rules.with(check, policy).map_err(|_| refused())?;
        }
        Ok(rules)
    }

    fn policy(&self, check: Check) -> Policy {
        let written = match check {
            Check::Order => self.order,
            Check::Duplicates => self.duplicate,
            Check::Finite | Check::Prices => self.price,
            Check::HighLow => self.high_low,
            Check::Weekend => self.weekend,
            Check::Missing => self.missing,
            Check::ZeroRange => self.zero_range,
            Check::Spikes => self.spike,
            Check::Rows => return Policy::Reject,
        };
        written.into()
    }
}

/// Refuses bars that failed a check: names each, with its first case and what can be done.
pub(super) fn accept(report: &suho_market::QualityReport, from: &Source) -> Result<(), StepError> {
    let failed: Vec<String> = report
        .ended(Verdict::Fail)
        .map(|check| {
            let example = check.examples.first().map(|example| format!(", first {example}"));
            let example = example.unwrap_or_default();
            let name = word(check.name).unwrap_or("rows");
            format!("{name}: {} found, limit {}{example}", check.found, check.limit)
        })
        .collect();
    if failed.is_empty() {
        return Ok(());
    }
    let actions: Vec<String> = report
        .ended(Verdict::Fail)
        .filter_map(|check| {
            let is_price = matches!(check.name, Check::Finite | Check::Prices);
            let action = if check.name.is_repairable() && !is_price { "repair" } else { "warn" };
            // A price that is no number cannot be borne, only mended.
            (!is_price).then(|| Some(format!("{} = {action}", word(check.name)?))).flatten()
        })
        .collect();
    let help = if actions.is_empty() {
        "mend the rows in the file, or leave them out".to_owned()
    } else {
        format!("mend the file, or write `quality = {{ {} }}`", actions.join(", "))
    };
    let message = format!("the bars of `{}` are not sound: {}", from.origin(), failed.join("; "));
    Err(StepError::user("data-invalid", message).help(help))
}

/// How many bars of each kind were found among `read`.
pub(super) fn summary(read: usize, report: &suho_market::QualityReport) -> QualityReport {
    let found = |wanted: Check| {
        let check = report.checks.iter().find(|check| check.name == wanted);
        count(check.map_or(0, |check| check.found))
    };
    QualityReport {
        bars: count(read),
        duplicate: found(Check::Duplicates),
        high_low: found(Check::HighLow),
        missing: found(Check::Missing),
        weekend: found(Check::Weekend),
        zero_range: found(Check::ZeroRange),
        spike: found(Check::Spikes),
        repaired: count(report.repaired.len()),
    }
}

/// What each check came to.
pub(super) fn lines(report: &suho_market::QualityReport) -> Vec<QualityCheck> {
    let line = |check: &CheckResult| QualityCheck {
        check: check.name.name().to_owned(),
        found: count(check.found),
        limit: check.limit.clone(),
        policy: check.policy.to_string(),
        verdict: check.verdict.to_string(),
        examples: check.examples.iter().map(ToString::to_string).collect(),
    };
    report.checks.iter().map(line).collect()
}

/// Every bar that was changed or dropped.
pub(super) fn repairs(report: &suho_market::QualityReport) -> Vec<RepairedBar> {
    let line = |repair: &Repair| RepairedBar {
        time: Instant::from_chrono(repair.time),
        check: repair.what.name().to_owned(),
        before: repair.before.clone(),
        after: repair.after.clone(),
    };
    report.repaired.iter().map(line).collect()
}
