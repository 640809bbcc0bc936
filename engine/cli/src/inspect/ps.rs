//! `suho ps`: the newest runs of every environment.

use super::place::{States, refused};
use super::words::{NONE, begun_by, local, now, took_between};
use crate::args;
use crate::failure::Failure;
use crate::table::table;
use crate::terminal;
use serde_json::{Value as Json, json};
use suho_domain::{Instant, Version};
use suho_driver::Beginner;
use suho_driver::ports::RunRow;
use suho_store::ModelFilter;

/// A run and the version it made, if it made one.
pub(super) struct Line {
    pub(super) run: RunRow,
    pub(super) version: Option<Version>,
}

/// `suho ps`.
pub(crate) fn ps(args: &args::Ps) -> Result<u8, Failure> {
    let states = States::of(&args.place)?;
    let (mut lines, mut notes) = (Vec::new(), String::new());
    for state in &states.each {
        notes.push_str(&state.stopped_lines()?);
    }
    for (state, run) in states.runs(args.limit)? {
        notes.extend(state.interruption(&run));
        let filter = ModelFilter { run: Some(run.id.clone()), ..ModelFilter::ANY };
        let made = state.store.models(&filter).map_err(|error| refused(&error))?;
        lines.push(Line { version: made.last().map(|model| model.version), run });
    }
    let text = match args.output.notation() {
        Some(notation) => notation.page(&json(&lines)),
        None => text(&lines, now()) + &notes,
    };
    terminal::out(&text);
    Ok(0)
}

pub(super) fn text(lines: &[Line], now: Instant) -> String {
    if lines.is_empty() {
        return "no runs yet; `suho rehearse PIPELINE` begins one\n".to_owned();
    }
    let mut head =
        vec!["RUN", "#", "PIPELINE", "ENVIRONMENT", "STATUS", "STARTED", "TOOK", "MODEL"];
    // Where everything was begun by hand nobody asks by whom.
    let is_told = lines.iter().any(|line| begun_by(&line.run).is_some());
    if is_told {
        head.push("BEGUN BY");
    }
    let row = |Line { run, version }: &Line| {
        let end = run.ended_at;
        let slot = local(run.as_of, &zone(run));
        let by = match Beginner::of(&run.created_by) {
            Beginner::Person(person) => person.to_owned(),
            by @ (Beginner::Schedule(_) | Beginner::Backfill { .. }) => format!("{by}: {slot}"),
            by => by.to_string(),
        };
        let by = is_told.then_some(by);
        let cells = vec![
            run.id.short().to_owned(),
            run.number.to_string(),
            run.pipeline.to_string(),
            run.environment.clone(),
            run.status.to_string(),
            local(run.created_at, &zone(run)),
            took_between(Some(run.created_at), end, now),
            version.map_or_else(|| NONE.to_owned(), |version| version.to_string()),
        ];
        cells.into_iter().chain(by).collect()
    };
    table("", &head, &lines.iter().map(row).collect::<Vec<_>>())
}

pub(super) fn json(lines: &[Line]) -> Json {
    let each = |Line { run, version }: &Line| {
        let mut page = json!({
            "id": run.id,
            "number": run.number,
            "pipeline": run.pipeline,
            "environment": run.environment,
            "status": run.status,
            "plan_digest": run.plan_digest,
            "as_of": run.as_of,
            "created_at": run.created_at,
            "ended_at": run.ended_at,
            "model_version": version.map(|version| version.to_string()),
        });
        if let (Some(by), Some(fields)) = (begun_by(run), page.as_object_mut()) {
            fields.insert("begun_by".to_owned(), json!(by));
        }
        page
    };
    json!({ "version": 1, "runs": lines.iter().map(each).collect::<Vec<_>>() })
}

/// The zone of the plan a run was begun with; a list need not read the whole plan for it.
pub(crate) fn zone(run: &RunRow) -> String {
    let said = run.plan.setting("timezone");
    said.as_ref().and_then(Json::as_str).unwrap_or("UTC").to_owned()
}
