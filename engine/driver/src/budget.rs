//! What a run may cost at most, and whether its `budget` allows that: told before anything runs.

use crate::own::OwnError;
use suho_domain::{Duration, Money, Value};
use suho_plan::{Node, Plan};

/// What `node` costs at most: its time limit for every attempt, at the price of the machine that it
/// names. None where it names none, or the machine has no price, or the step no limit.
pub fn most(plan: &Plan, node: &Node) -> Option<Money> {
    let price = plan.settings.prices.get(machine(node)?)?;
    Some(price.over(longest(node)?))
}

/// What the run costs at most, where its `budget` allows that; none where no step names a machine.
///
/// # Errors
/// When it may cost more than the `budget`, or that cannot be said: a machine without a price, or
/// one in another currency.
pub fn held(plan: &Plan) -> Result<Option<Money>, OwnError> {
    let Some(budget) = &plan.settings.budget else { return Ok(None) };
    let mut sum: Option<Money> = None;
    for node in &plan.nodes {
        let Some(machine) = machine(node) else { continue };
        let Some(price) = plan.settings.prices.get(machine) else {
            return Err(OwnError::of(node, unpriced(machine, budget)));
        };
        if price.currency != budget.currency {
            let why = format!(
                "is priced in {}, and the `budget` is {budget}: write the price of `{machine}` in {}",
                price.currency, budget.currency
            );
            return Err(OwnError::of(node, why));
        }
        let Some(most) = most(plan, node) else {
            let why = format!("has no `timeout`, so that the `budget` of {budget} cannot be held");
            return Err(OwnError::of(node, why));
        };
        let before = sum.map(|sum| sum.amount).unwrap_or_default();
        let amount = most.amount.saturating_add(before);
        let all = Money { amount, currency: most.currency.clone() };
        if all.amount > budget.amount {
            let why = format!(
                "may take `{machine}` for {}, which costs {most}: the run may cost {all}, more than \
                 the `budget` of {budget}; lower its `timeout` or its attempts, or raise the budget",
                longest(node).unwrap_or(Duration::ZERO)
            );
            return Err(OwnError::of(node, why));
        }
        sum = Some(all);
    }
    Ok(sum)
}

fn unpriced(machine: &str, budget: &Money) -> String {
    format!(
        "takes `{machine}`, whose price is not known, so that the `budget` of {budget} cannot be \
         held; write what an hour costs: `env NAME {{ prices = {{ \"{machine}\" = 0.53 {} }} }}`",
        budget.currency
    )
}

/// How long all attempts of a step may take together.
fn longest(node: &Node) -> Option<Duration> {
    let limit = node.limits.timeout?;
    let attempts = i64::from(node.limits.attempts);
    Some(Duration::from_micros(limit.micros().saturating_mul(attempts)))
}

/// The machine that a step names.
fn machine(node: &Node) -> Option<&str> {
    let Some(Value::Variant(compute)) = &node.compute else { return None };
    compute.fields.get("machine")?.as_text()
}
