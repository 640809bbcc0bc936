//! A forecast as a page of text.

mod parts;

use crate::steps::{Action, Step};
use crate::text::{count, local, points, table};
use crate::{Data, Forecast, Model, Power, Rollout, Sight, beside, takes};
use std::fmt::Write as _;
use suho_domain::{Bump, Value};
use suho_driver::OwnError;
use suho_plan::Plan;

/// The page that `suho plan` prints. The same forecast gives the same bytes.
pub fn render(forecast: &Forecast) -> String {
    let plan = &forecast.plan;
    let mut page = format!(
        "{} in `{}`, planned at {}\n",
        plan.pipeline,
        forecast.occasion.environment,
        local(forecast.occasion.at, &plan.settings.timezone)
    );
    if let Some(nothing) = &forecast.nothing {
        let _infallible = write!(
            page,
            "\nnothing to do: {}\n  `suho rehearse … --force` would do all of it anew\n",
            nothing.reason
        );
    }
    page.push_str("\nsteps\n");
    page.push_str(&steps(&forecast.steps));
    page.push_str(&obstacles(&forecast.obstacles));
    if let Some(model) = &forecast.model {
        page.push_str(&model_lines(model, forecast.occasion.sight));
    }
    if let Some(data) = &forecast.data {
        page.push_str(&data_lines(data, &plan.settings.timezone));
    }
    for (name, criteria) in &forecast.gates {
        let _infallible = write!(page, "\ngate {name}\n");
        let rows: Vec<_> =
            criteria.iter().map(|(rule, limit)| vec![rule.clone(), limit.clone()]).collect();
        page.push_str(&table("  ", &rows));
    }
    if let Some(rollout) = &forecast.rollout {
        page.push_str(&rollout_lines(rollout, &plan.settings.timezone, forecast.occasion.sight));
    }
    page.push_str(&costs(plan));
    page.push_str(&takes::lines(plan, &forecast.beside));
    page.push_str(&beside::lines(&forecast.beside, &plan.settings.timezone));
    let _infallible = write!(page, "\nplan {}\n", plan.digest.short());
    page
}

/// What the run may cost, and where its steps run that do not run here; nothing where neither is said.
fn costs(plan: &Plan) -> String {
    let mut rows: Vec<Vec<String>> = Vec::new();
    for node in &plan.nodes {
        if let Some(compute) = &node.compute {
            let most = match (node.limits.timeout, node.limits.attempts) {
                (None, _) => String::new(),
                (Some(limit), 1) => format!("≤ {limit}"),
                (Some(limit), attempts) => format!("≤ {limit} each of {attempts} attempts"),
            };
            let cost = suho_driver::budget::most(plan, node);
            let cost = cost.map(|cost| format!("≤ {cost}")).unwrap_or_default();
            rows.push(vec![node.name.to_string(), compute.to_string(), most, cost]);
        }
    }
    if let Some(budget) = &plan.settings.budget {
        let told = match suho_driver::budget::held(plan) {
            Ok(None) => "held: no step names a machine that has a price".to_owned(),
            Ok(Some(most)) => format!("held: the run costs at most {most}"),
            Err(_) => "does not hold; see above".to_owned(),
        };
        rows.push(vec!["budget".to_owned(), budget.to_string(), told]);
    }
    if rows.is_empty() { String::new() } else { format!("\ncost\n{}", table("  ", &rows)) }
}

fn obstacles(obstacles: &[OwnError]) -> String {
    if obstacles.is_empty() {
        return String::new();
    }
    let row = |it: &OwnError| vec![it.step.to_string(), it.why.clone(), it.place.clone()];
    let rows: Vec<_> = obstacles.iter().map(row).collect();
    format!("\ncannot be carried out here\n{}", table("  ", &rows))
}

fn steps(steps: &[Step]) -> String {
    let row = |step: &Step| {
        let needs: Vec<_> = step.needs.iter().map(ToString::to_string).collect();
        let after = if needs.is_empty() { "–".to_owned() } else { needs.join(", ") };
        let action = match step.action {
            Action::Run => "will run",
            Action::Cached => "cached",
            Action::Skip => "left out",
        };
        vec![
            step.name.to_string(),
            step.kind.to_string(),
            action.to_owned(),
            step.reason.clone(),
            format!("after {after}"),
        ]
    };
    table("  ", &steps.iter().map(row).collect::<Vec<_>>())
}

fn model_lines(model: &Model, sight: Sight) -> String {
    let slot = &model.slot;
    if sight == Sight::Files {
        return format!(
            "\nmodel {}/{}  {} {} → {}\n  serves now    not known: planning asks no service\n  next version  not known\n",
            slot.scope.folder(),
            slot.model,
            slot.symbol,
            slot.timeframe,
            model.horizon,
        );
    }
    let current = model.current.map_or_else(|| "none".to_owned(), |version| version.to_string());
    let mut text = format!(
        "\nmodel {}/{}  {} {} → {}\n  serves now    {current}\n  {}  {}  {}\n",
        slot.scope.folder(),
        slot.model,
        slot.symbol,
        slot.timeframe,
        model.horizon,
        if model.bump == Bump::None { "same inputs " } else { "next version" },
        model.version,
        model.bump,
    );
    let rows: Vec<_> = model
        .reasons
        .iter()
        .map(|reason| vec![reason.text.clone(), reason.bump.to_string(), reason.code.clone()])
        .collect();
    text.push_str(&table("    ", &rows));
    text
}

fn data_lines(data: &Data, zone: &str) -> String {
    let get = |name: &str| data.rows.get(name).map_or_else(|| "–".to_owned(), count);
    let gap = |name: &str| match data.rows.get(name) {
        Some(Value::Int(0)) | None => String::new(),
        Some(value) => format!("{name} {}", count(value)),
    };
    let between: Vec<_> =
        ["purge", "embargo"].into_iter().map(gap).filter(|said| !said.is_empty()).collect();
    let between =
        if between.is_empty() { String::new() } else { format!(" | {}", between.join(" + ")) };
    let mut text = format!(
        "\ndata\n  {} bars → train {}{between} | validation {}{between} | test {}\n",
        get("bars"),
        get("train"),
        get("validation"),
        get("test"),
    );
    text.push_str(&parts::windows(&data.rows, zone));
    text.push_str(&parts::folds(&data.rows, zone));
    if let Some(until) = data.until {
        let (bars, from) =
            (count(&Value::Int(i64::try_from(data.held_back).unwrap_or(0))), local(until, zone));
        let _infallible =
            writeln!(text, "  {bars} bars from {from} on are held back for the replay");
    }
    text
}

fn rollout_lines(rollout: &Rollout, zone: &str, sight: Sight) -> String {
    let mut text = String::from(match sight {
        Sight::Whole => "\nrollout, in market time\n",
        Sight::Files => "\nrollout, in market time, as if it began now\n",
    });
    let rows: Vec<_> = rollout
        .moments
        .iter()
        .map(|moment| {
            vec![
                format!("+{}", moment.offset),
                local(moment.at, zone),
                moment.share.to_string(),
                moment.what.clone(),
            ]
        })
        .collect();
    text.push_str(&table("  ", &rows));
    let _infallible = writeln!(
        text,
        "  ends {} as planned, {} at the latest",
        local(rollout.expected_end, zone),
        local(rollout.latest_end, zone)
    );
    text.push_str("  rolls back at once on: ");
    text.push_str(&rollout.guardrails.join("; "));
    text.push('\n');
    match (&rollout.power, sight) {
        (_, Sight::Files) => {}
        (Some(power), _) => text.push_str(&power_lines(power)),
        (None, _) => text.push_str(
            "  a first model is compared with nothing: its canary can find crashes, slowness and \
             bad outputs, not a loss of accuracy\n",
        ),
    }
    text
}

fn power_lines(power: &Power) -> String {
    let needed = power.needed_for_5pp.map_or_else(
        || "–".to_owned(),
        |events| count(&Value::Int(i64::try_from(events).unwrap_or(i64::MAX))),
    );
    format!(
        "  the canary sees {} label events: it detects a loss of {} (independent) to {} (as labels \
         overlap) at 80 % power;\n  it cannot show 5 pp, which needs about {needed} events\n",
        power.events,
        points(power.independent),
        points(power.correlated),
    )
}
