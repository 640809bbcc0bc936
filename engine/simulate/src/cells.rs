//! What `any` can be, as far as it makes a difference: below, at and above every limit that it is
//! held against, and missing.

mod between;
mod limits;

use crate::error::SimulateError;
use crate::given::known;
use crate::scene::Scene;
use between::{between, compare};
use std::cmp::Ordering;
use suho_check::program::{Course, Given};
use suho_domain::Value;

/// One `any` of a test.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Choice {
    /// `bt.sharpe`.
    pub(crate) name: String,
    pub(crate) cells: Vec<Cell>,
    /// Whether one value of each cell stands for all of it, as far as the rules go.
    pub(crate) is_exact: bool,
}

/// Values that no rule tells apart; one of them.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Cell {
    pub(crate) value: Value,
    /// How it lies to the limits: `below 20%`; empty for an item of a list.
    pub(crate) place: String,
}

impl Cell {
    /// Nothing is measured.
    fn missing() -> Self {
        let value = Value::Undefined("the test measures nothing here".to_owned());
        Self { value, place: "missing".to_owned() }
    }

    pub(crate) const fn is_missing(&self) -> bool {
        matches!(self.value, Value::Undefined(_))
    }
}

/// The choices of a test, in the order written.
pub(crate) fn choices(scene: &Scene<'_>) -> Result<Vec<Choice>, SimulateError> {
    let any = |given: &Given| match &given.course {
        Course::Any(expr) => {
            let value = known(expr, "any", &given.place);
            Some(value.and_then(|value| choice(scene, given, value)))
        }
        _ => None,
    };
    scene.scenario.givens.iter().filter_map(any).collect()
}

fn choice(scene: &Scene<'_>, given: &Given, of: Value) -> Result<Choice, SimulateError> {
    let mut name = vec![given.step.to_string()];
    name.extend(given.path.iter().cloned());
    let name = name.join(".");
    let refused = |found: &Value| SimulateError::NoChoice {
        found: found.to_string(),
        place: given.place.clone(),
    };
    match of {
        Value::List(items) if !items.is_empty() => {
            let cell = |value: Value| Cell { value, place: String::new() };
            Ok(Choice { name, cells: items.into_iter().map(cell).collect(), is_exact: true })
        }
        Value::Range(ends) => {
            let (limits, is_exact) = limits::of(scene, given);
            let (low, high) = &*ends;
            let cells = cells(low, high, &limits);
            let cells = cells.filter(|cells| !cells.is_empty());
            let mut cells = cells
                .ok_or_else(|| refused(&Value::Range(Box::new((low.clone(), high.clone())))))?;
            cells.push(Cell::missing());
            Ok(Choice { name, cells, is_exact })
        }
        other => Err(refused(&other)),
    }
}

/// `low .. high` cut at `limits`; none where the ends cannot be compared.
fn cells(low: &Value, high: &Value, limits: &[Value]) -> Option<Vec<Cell>> {
    if compare(low, high)? == Ordering::Greater {
        return None;
    }
    let inside = |limit: &&Value| {
        compare(low, limit) != Some(Ordering::Greater)
            && matches!(compare(limit, high), Some(Ordering::Less | Ordering::Equal))
    };
    let mut limits: Vec<&Value> = limits.iter().filter(inside).collect();
    limits.sort_by(|a, b| compare(a, b).unwrap_or(Ordering::Equal));
    limits.dedup_by(|a, b| compare(a, b) == Some(Ordering::Equal));
    let mut cells = Vec::new();
    let mut from: Option<&Value> = None;
    for limit in limits {
        let below = match from {
            None if compare(low, limit) == Some(Ordering::Equal) => None,
            None => between(low, limit).or_else(|| Some(low.clone())),
            Some(last) => between(last, limit),
        };
        let place = match from {
            None => format!("below {limit}"),
            Some(last) => format!("between {last} and {limit}"),
        };
        cells.extend(below.map(|value| Cell { value, place }));
        cells.push(Cell { value: limit.clone(), place: format!("at {limit}") });
        from = Some(limit);
    }
    let last = match from {
        None => between(low, high).or_else(|| Some(low.clone())),
        Some(last) if compare(last, high) == Some(Ordering::Equal) => None,
        Some(last) => between(last, high).or_else(|| Some(high.clone())),
    };
    let place = from.map_or_else(|| "anywhere".to_owned(), |last| format!("above {last}"));
    cells.extend(last.map(|value| Cell { value, place }));
    Some(cells)
}

#[cfg(test)]
mod tests;
