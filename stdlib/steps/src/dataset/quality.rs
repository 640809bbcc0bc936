//! What is done about bad bars, and what was found, as values of the language.

use crate::spec::Source;
use crate::values::{count, fields};
use serde::Deserialize;
use suho_domain::{Instant, Value};
use suho_market::{Check, Limits, Policy, QualityReport, QualityRules, Repair, Verdict};
use suho_step::StepError;

/// What is done about each kind of bad bar: the prelude's `QualityRules`.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct QualityPolicies {
    duplicate: Option<Policy>,
    order: Option<Policy>,
    high_low: Option<Policy>,
    price: Option<Policy>,
    missing: Option<Policy>,
    weekend: Option<Policy>,
    zero_range: Option<Policy>,
    spike: Option<Policy>,
}

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

impl QualityPolicies {
    /// The rules as they are checked: whether there are enough bars is for the split to say, which
    /// knows what it needs.
    pub(super) fn rules(self) -> Result<QualityRules, StepError> {
        let mut rules = QualityRules::standard();
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

    fn policy(self, check: Check) -> Policy {
        let (written, otherwise) = match check {
            Check::Order => (self.order, Policy::Reject),
            Check::Duplicates => (self.duplicate, Policy::Reject),
            Check::Finite | Check::Prices => (self.price, Policy::Reject),
            Check::HighLow => (self.high_low, Policy::Reject),
            Check::Weekend => (self.weekend, Policy::Reject),
            Check::Missing => (self.missing, Policy::Reject),
            Check::ZeroRange => (self.zero_range, Policy::Warn),
            Check::Spikes => (self.spike, Policy::Warn),
            Check::Rows => (None, Policy::Reject),
        };
        written.unwrap_or(otherwise)
    }
}

/// Refuses bars that failed a check: names each, with its first case and what can be done.
pub(super) fn accept(report: &QualityReport, from: &Source) -> Result<(), StepError> {
    let (Source::Parquet { path } | Source::Csv { path }) = from;
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
    let message = format!("the bars of `{}` are not sound: {}", path.display(), failed.join("; "));
    Err(StepError::user("data-invalid", message).help(help))
}

/// The prelude's `QualityReport`: how many bars of each kind were found among `read`.
pub(super) fn summary(read: usize, report: &QualityReport) -> Value {
    let found = |wanted: Check| {
        let check = report.checks.iter().find(|check| check.name == wanted);
        count(check.map_or(0, |check| check.found))
    };
    Value::Record(fields([
        ("bars", count(read)),
        ("duplicate", found(Check::Duplicates)),
        ("high_low", found(Check::HighLow)),
        ("missing", found(Check::Missing)),
        ("weekend", found(Check::Weekend)),
        ("zero_range", found(Check::ZeroRange)),
        ("spike", found(Check::Spikes)),
        ("repaired", count(report.repaired.len())),
    ]))
}

/// One record a check, for the report.
pub(super) fn lines(report: &QualityReport) -> Value {
    let line = |check: &suho_market::CheckResult| {
        Value::record([
            ("check", Value::text(check.name.name())),
            ("found", count(check.found)),
            ("limit", Value::text(&check.limit)),
            ("policy", Value::text(check.policy.to_string())),
            ("verdict", Value::text(check.verdict.to_string())),
            ("examples", crate::values::texts(&check.examples)),
        ])
    };
    Value::List(report.checks.iter().map(line).collect())
}

/// One record a bar that was changed or dropped.
pub(super) fn repairs(report: &QualityReport) -> Value {
    let line = |repair: &Repair| {
        Value::record([
            ("time", Value::Instant(Instant::from_chrono(repair.time))),
            ("check", Value::text(repair.what.name())),
            ("before", Value::text(&repair.before)),
            ("after", Value::text(&repair.after)),
        ])
    };
    Value::List(report.repaired.iter().map(line).collect())
}
