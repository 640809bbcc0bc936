//! A forecast as JSON: the shape that programs rely on. Fields are added, never changed.

use crate::{Forecast, Rollout, Sight, beside, takes};
use serde_json::{Value as Json, json};
use suho_domain::Value;

/// The shape that `suho plan -o json` answers with.
pub fn to_json(forecast: &Forecast) -> Json {
    let is_seen = forecast.occasion.sight == Sight::Whole;
    let steps: Vec<_> = forecast
        .steps
        .iter()
        .map(|step| {
            json!({
                "id": step.name,
                "uses": step.kind,
                "needs": step.needs,
                "action": step.action.word(),
                "reason": step.reason,
            })
        })
        .collect();
    let model = forecast.model.as_ref().map(|model| {
        json!({
            "name": model.slot.model,
            "scope": model.slot.scope.key(),
            "symbol": model.slot.symbol,
            "timeframe": model.slot.timeframe,
            "current": model.current,
            "version": is_seen.then_some(model.version),
            "bump": is_seen.then_some(model.bump),
            "reasons": if is_seen { json!(model.reasons) } else { json!([]) },
        })
    });
    let data = forecast.data.as_ref().map(|data| {
        json!({
            "until": data.until,
            "held_back": data.held_back,
            "rows": Value::Record(data.rows.clone()).to_plain(),
        })
    });
    let gates: Vec<_> = forecast
        .gates
        .iter()
        .map(|(name, criteria)| {
            let criteria: Vec<_> = criteria
                .iter()
                .map(|(rule, limit)| json!({ "rule": rule, "limit": limit }))
                .collect();
            json!({ "id": name, "criteria": criteria })
        })
        .collect();
    let (triggers, monitors) = beside::to_json(&forecast.beside);
    json!({
        "version": 1,
        "pipeline": forecast.plan.pipeline,
        "environment": forecast.occasion.environment,
        "at": forecast.occasion.at,
        "digest": forecast.plan.digest,
        "steps": steps,
        "obstacles": forecast.obstacles.iter().map(|it| {
            json!({ "step": it.step, "why": it.why, "place": it.place })
        }).collect::<Vec<_>>(),
        "model": model,
        "data": data,
        "gates": gates,
        "timeline": forecast.rollout.as_ref().map(timeline).unwrap_or_default(),
        "power": forecast.rollout.as_ref().and_then(power),
        "ends": forecast.rollout.as_ref().map(|rollout| {
            json!({ "expected": rollout.expected_end, "latest": rollout.latest_end })
        }),
        "registry": if is_seen { "asked" } else { "not asked" },
        "budget": forecast.plan.settings.budget,
        "takes": takes::to_json(&forecast.plan, &forecast.beside),
        "triggers": triggers,
        "monitors": monitors,
        "nothing": forecast.nothing.as_ref().map(|nothing| &nothing.reason),
    })
}

fn timeline(rollout: &Rollout) -> Vec<Json> {
    let moment = |moment: &crate::Moment| {
        json!({
            "at": moment.at,
            "offset": moment.offset,
            "traffic_percentage": f64::from(moment.share.points()) / 100.0,
            "what": moment.what,
        })
    };
    rollout.moments.iter().map(moment).collect()
}

fn power(rollout: &Rollout) -> Option<Json> {
    let power = rollout.power.as_ref()?;
    Some(json!({
        "events": power.events,
        "detectable_independent": power.independent,
        "detectable_correlated": power.correlated,
        "needed_for_5pp": power.needed_for_5pp,
    }))
}
