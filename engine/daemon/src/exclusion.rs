//! Runs that exclude each other by the key of their pipeline's `concurrency`.
//!
//! Pure. A run that has begun has its key until it ends, also while it is paused or asks people.

use std::collections::BTreeMap;
use suho_domain::{RunId, RunStatus, Value};
use suho_plan::Expr;
use suho_store::ClaimRow;

/// What a run does that finds another one with its key.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Conflict {
    /// It waits.
    Queue,
    /// It is not started.
    Reject,
    /// It ends the other one.
    Cancel,
}

/// A run's claim to a key.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Claim {
    pub(crate) run: RunId,
    pub(crate) has_begun: bool,
    pub(crate) key: String,
    pub(crate) conflict: Conflict,
}

/// Why a run does not begin now.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Verdict {
    /// It begins when this one has ended.
    Waits(RunId),
    /// It never does: this one was before it.
    Refused(RunId),
    /// It begins when these have ended, and they are asked to.
    Displaces(Vec<RunId>),
}

impl Claim {
    /// The claim that `row` makes; `None` where its key cannot be told, which excludes nobody.
    pub(crate) fn of(row: &ClaimRow) -> Option<Self> {
        let expr: Expr = serde_json::from_value(row.concurrency.clone()).ok()?;
        let (key, conflict) = match &expr {
            Expr::Value(record) => {
                (record.field("key").cloned()?, record.field("on_conflict").cloned())
            }
            Expr::Record(fields) => (known(fields.get("key"))?, known(fields.get("on_conflict"))),
            _ => return None,
        };
        let conflict = match conflict {
            Some(Value::Variant(variant)) => match variant.name.as_str() {
                "reject" => Conflict::Reject,
                "cancel_running" => Conflict::Cancel,
                _ => Conflict::Queue,
            },
            _ => Conflict::Queue,
        };
        let has_begun = row.status != RunStatus::Queued;
        Some(Self { run: row.run.clone(), has_begun, key: key.as_text()?.to_owned(), conflict })
    }
}

fn known(expr: Option<&Expr>) -> Option<Value> {
    match expr? {
        Expr::Value(value) => Some(value.clone()),
        Expr::Variant(name, _) => {
            let variant = suho_domain::Variant { name: name.clone(), fields: BTreeMap::default() };
            Some(Value::Variant(variant))
        }
        _ => None,
    }
}

/// What keeps each of `claims` that has not begun from beginning; nothing where nothing does. They
/// are in the order in which they were asked for.
pub(crate) fn verdicts(claims: &[Claim]) -> BTreeMap<RunId, Verdict> {
    let mut verdicts = BTreeMap::new();
    for (place, claim) in claims.iter().enumerate().filter(|(_, claim)| !claim.has_begun) {
        let is_before = |(other, holder): (usize, &Claim)| {
            let has_it = holder.has_begun || other < place;
            // Who is refused has no key.
            let is_refused = matches!(verdicts.get(&holder.run), Some(Verdict::Refused(_)));
            (has_it && holder.key == claim.key && other != place && !is_refused)
                .then(|| holder.run.clone())
        };
        let before: Vec<RunId> = claims.iter().enumerate().filter_map(is_before).collect();
        let Some(first) = before.first().cloned() else { continue };
        let verdict = match claim.conflict {
            Conflict::Queue => Verdict::Waits(first),
            Conflict::Reject => Verdict::Refused(first),
            Conflict::Cancel => Verdict::Displaces(before),
        };
        verdicts.insert(claim.run.clone(), verdict);
    }
    verdicts
}

#[cfg(test)]
mod tests;
