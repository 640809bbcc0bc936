//! Attributes compared to their leaves: `model.optimizer.learning_rate 0.001 → 0.002`.

use super::{Change, Kind};
use crate::show::{show, written};
use std::collections::{BTreeMap, BTreeSet};
use suho_check::program::Expr;
use suho_domain::Value;

/// What differs between two sets of attributes, as far as `counts` says that a name does.
pub(super) fn changes(
    subject: &str,
    before: &BTreeMap<String, Expr>,
    after: &BTreeMap<String, Expr>,
    counts: &dyn Fn(&str) -> bool,
) -> Vec<Change> {
    let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let mut found = Vec::new();
    for name in names.into_iter().filter(|name| counts(name)) {
        leaves(name, before.get(name), after.get(name), &mut found);
    }
    let change = |(path, before, after, delta): Leaf| {
        let shown = |side: &Option<String>| side.clone().unwrap_or_else(|| "none".to_owned());
        let (old, new) = (shown(&before), shown(&after));
        let change = Change::moved(Kind::Changed, subject, &path, &old, &new);
        let what = delta.map_or_else(|| change.what.clone(), |delta| format!("{path} {delta}"));
        Change { what, before, after, ..change }
    };
    found.into_iter().map(change).collect()
}

/// A dotted path, what stands there before and after, and what came and went of a list.
type Leaf = (String, Option<String>, Option<String>, Option<String>);

fn leaves(path: &str, before: Option<&Expr>, after: Option<&Expr>, found: &mut Vec<Leaf>) {
    if before == after {
        return;
    }
    let fields = |expr: Option<&Expr>| match expr? {
        Expr::Record(fields) => Some(fields.clone()),
        Expr::Value(Value::Record(fields)) => {
            Some(fields.iter().map(|(k, v)| (k.clone(), Expr::Value(v.clone()))).collect())
        }
        _ => None,
    };
    let choice = |expr: Option<&Expr>| match expr? {
        Expr::Variant(name, fields) => Some((name.clone(), fields.clone())),
        Expr::Value(Value::Variant(variant)) => {
            let fields = variant.fields.iter();
            let fields = fields.map(|(k, v)| (k.clone(), Expr::Value(v.clone())));
            Some((variant.name.clone(), fields.collect()))
        }
        _ => None,
    };
    let inside: Option<(BTreeMap<_, _>, BTreeMap<_, _>)> = match (fields(before), fields(after)) {
        (Some(old), Some(new)) => Some((old, new)),
        _ => match (choice(before), choice(after)) {
            // Another choice is another thing; the same one differs in its fields.
            (Some(old), Some(new)) if old.0 == new.0 => Some((old.1, new.1)),
            _ => None,
        },
    };
    let Some((old, new)) = inside else {
        let none = |expr: &&Expr| **expr != Expr::Value(Value::None);
        let shown = |side: Option<&Expr>| side.filter(none).map(show);
        found.push((path.to_owned(), shown(before), shown(after), delta(before, after)));
        return;
    };
    let names: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    for name in names {
        leaves(&format!("{path}.{name}"), old.get(name), new.get(name), found);
    }
}

/// What left a list and what came to it: `− "a" + "b"`. `None` for what is no list, or was only put
/// in another order.
fn delta(before: Option<&Expr>, after: Option<&Expr>) -> Option<String> {
    let items = |side: Option<&Expr>| match side? {
        Expr::Value(Value::List(items)) => Some(items.iter().map(written).collect::<Vec<_>>()),
        _ => None,
    };
    let (old, new) = (items(before)?, items(after)?);
    let only = |these: &[String], those: &[String], sign: &str| -> Vec<String> {
        let own = these.iter().filter(|item| !those.contains(item));
        own.map(|item| format!("{sign} {item}")).collect()
    };
    let told = [only(&old, &new, "−"), only(&new, &old, "+")].concat();
    (!told.is_empty()).then(|| told.join(" "))
}
