//! `suho plan --out FILE` and `suho apply FILE`: a plan that is looked at now and carried out later,
//! exactly as it was seen or not at all.

use crate::args::Apply;
use crate::compile::{Compiled, REHEARSAL};
use crate::failure::Failure;
use crate::forecasting::look_ahead;
use crate::keeping;
use crate::project::{self, Project};
use crate::refusal;
use crate::rehearse;
use crate::running;
use crate::terminal::{Terminal, err};
use crate::world::Origins;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use std::cell::RefCell;
use std::io::Read as _;
use std::path::Path;
use suho_domain::{Digest, Fault, Instant, Value};
use suho_driver::Candidate;
use suho_driver::ports::Store as _;
use suho_driver::world::Sources as _;
use suho_forecast::{Force, Forecast};
use suho_plan::{Expr, Plan};
use suho_store::{Access, SqliteStore};

/// Raised when an older suho could not read what is written.
const VERSION: u32 = 1;
/// The largest saved plan that is read, in bytes.
const BYTES_MAX: u64 = 64 * 1024 * 1024;
/// What a forecast tells of the world: when one of these is another, the world has moved. What it
/// tells beside them follows from the plan and the instant.
const SEEN: [&str; 4] = ["steps", "model", "data", "nothing"];

/// Sources that are files.
const FILES: [&str; 2] = ["csv", "parquet"];

/// A plan and what it was seen to do.
#[derive(Debug, Deserialize, Serialize)]
struct Saved {
    version: u32,
    /// What keeps it from being taken for anything else.
    kind: String,
    environment: String,
    at: Instant,
    /// The steps' code: another one may do something else with the same plan.
    code: Digest,
    plan: Json,
    /// What the world was like.
    seen: Json,
    /// The digest of all before it.
    seal: Digest,
}

impl Saved {
    fn sealed(environment: &str, at: Instant, plan: Json, seen: Json) -> Self {
        let (environment, code) = (environment.to_owned(), suho_steps::code_digest());
        let seal = seal(&environment, at, &code, &plan, &seen);
        let kind = "suho-plan".to_owned();
        Self { version: VERSION, kind, environment, at, code, plan, seen, seal }
    }

    /// Whether it is as it was written.
    fn is_whole(&self) -> bool {
        self.seal == seal(&self.environment, self.at, &self.code, &self.plan, &self.seen)
    }
}

fn seal(environment: &str, at: Instant, code: &Digest, plan: &Json, seen: &Json) -> Digest {
    Digest::of_json(&json!([VERSION, environment, at, code, plan, seen]))
}

/// Writes the plan of `forecast` to `file`, made anew.
pub(crate) fn save(
    file: &Path,
    compiled: &Project,
    forecast: &Forecast,
    terminal: Terminal,
) -> Result<(), Failure> {
    let bug = |error| Failure::from_error(Fault::Bug, "plan", &error);
    let plan = serde_json::to_value(&forecast.plan).map_err(bug)?;
    let environment = forecast.occasion.environment.as_str();
    let seen = seen(compiled, environment, forecast)?;
    let saved = Saved::sealed(environment, forecast.occasion.at, plan, seen);
    let text = serde_json::to_string_pretty(&saved).map_err(bug)?;
    std::fs::write(file, text + "\n").map_err(|error| {
        let reason = project::reason(&error);
        Failure::world("unwritable", format!("cannot write `{}`: {reason}", file.display()))
    })?;
    if !terminal.is_quiet {
        let file = file.display();
        err(&format!("saved; `suho apply {file}` carries out exactly this\n"));
    }
    Ok(())
}

/// What the world was like to `forecast`, and what serves its model's place in the state that a
/// forecast of this environment does not ask.
fn seen(project: &Project, environment: &str, forecast: &Forecast) -> Result<Json, Failure> {
    let whole = suho_forecast::to_json(forecast);
    let part = |name: &&str| Some(((*name).to_owned(), whole.get(*name)?.clone()));
    let mut seen: serde_json::Map<String, Json> = SEEN.iter().filter_map(part).collect();
    seen.insert("sources".to_owned(), sources(project, forecast)?);
    let state = project.state(environment);
    if environment != REHEARSAL
        && let Some(model) = &forecast.model
        && state.join("suho.db").exists()
    {
        let refused = |error| refusal::failure(&error);
        let mut store = SqliteStore::open(&state, Access::Read).map_err(refused)?;
        let facts = store.slot(&model.slot).map_err(refused)?;
        let newest = facts.versions.last().map(|row| &row.version);
        let serves = facts.production.as_ref().map(|row| &row.id);
        seen.insert("registry".to_owned(), json!({ "serves": serves, "newest": newest }));
    }
    Ok(Json::Object(seen))
}

/// The content of every file that data sets are made of. What a service would answer is asked in the
/// run itself.
fn sources(project: &Project, forecast: &Forecast) -> Result<Json, Failure> {
    let (plan, at) = (&forecast.plan, forecast.occasion.at);
    let candidate = Candidate::of(plan, suho_steps::FEATURE_VERSION)
        .map_err(|error| Failure::from_error(error.fault(), "candidate", &error))?;
    let origins = Origins::of(project, plan, candidate.as_ref(), at, None)?;
    let mut found = serde_json::Map::new();
    for node in plan.of_kind("dataset") {
        let Some(Expr::Value(source @ Value::Variant(form))) = node.inputs.get("source") else {
            continue;
        };
        if FILES.contains(&form.name.as_str()) {
            let content = origins.fingerprint(source).map_err(|e| refusal::of_world(&e))?;
            found.insert(node.name.to_string(), json!(content));
        }
    }
    Ok(Json::Object(found))
}

/// Carries out a saved plan, if the world is still what it was saved in.
pub(crate) fn apply(args: &Apply, terminal: Terminal) -> Result<u8, Failure> {
    let saved = read(&args.file)?;
    let plan: Plan = serde_json::from_value(saved.plan.clone())
        .map_err(|error| not_saved(&args.file, &error.to_string()))?;
    let here = args.place.project.as_deref().unwrap_or_else(|| Path::new("."));
    let project = Project::of(here)?;
    // Only where its environment keeps what it knows is read from the text.
    let files = project.files(&[project.root().to_path_buf()])?;
    let program = suho_check::check(&files, &project).program;
    let compiled = Compiled { project, plan };
    hold(&saved, &compiled)?;
    if saved.environment == REHEARSAL {
        let kept_in = keeping::declared(&compiled.project, &program, REHEARSAL);
        return rehearse::apply(compiled, kept_in.as_deref(), saved.at, args.output, terminal);
    }
    running::apply(compiled, &program, &saved.environment, saved.at, args.output, terminal)
}

/// The saved plan in `file`, as it was written.
fn read(file: &Path) -> Result<Saved, Failure> {
    let unread = |error: std::io::Error| {
        let message = format!("cannot read `{}`: {}", file.display(), project::reason(&error));
        Failure::user("no-such-file", message).help("`suho plan PIPELINE --out FILE` writes one")
    };
    let metadata = std::fs::metadata(file).map_err(unread)?;
    if !metadata.is_file() {
        return Err(not_saved(file, "it is no regular file"));
    }
    let mut text = String::new();
    let opened = std::fs::File::open(file).map_err(unread)?;
    let length = opened.take(BYTES_MAX.saturating_add(1)).read_to_string(&mut text);
    let length = length.map_err(|error| not_saved(file, &error.to_string()))?;
    if u64::try_from(length).unwrap_or(u64::MAX) > BYTES_MAX {
        return Err(not_saved(file, "it is too large"));
    }
    let json: Json =
        serde_json::from_str(&text).map_err(|error| not_saved(file, &error.to_string()))?;
    if json.get("kind").and_then(Json::as_str) != Some("suho-plan") {
        return Err(not_saved(file, "it says nothing of being one"));
    }
    if json.get("version").and_then(Json::as_u64) != Some(u64::from(VERSION)) {
        let message = format!("`{}` was saved by another version of suho", file.display());
        return Err(Failure::user("stale-plan", message).help("plan again with this one"));
    }
    let saved: Saved =
        serde_json::from_value(json).map_err(|error| not_saved(file, &error.to_string()))?;
    if !saved.is_whole() {
        let message = format!("`{}` is not as it was saved: somebody changed it", file.display());
        return Err(Failure::user("changed-plan", message)
            .help("change the pipeline, then `suho plan PIPELINE --out FILE`"));
    }
    Ok(saved)
}

fn not_saved(file: &Path, why: &str) -> Failure {
    let message = format!("`{}` is no saved plan: {why}", file.display());
    Failure::user("no-saved-plan", message).help("`suho plan PIPELINE --out FILE` writes one")
}

/// Refuses a plan that would do something else now than it was seen to do.
fn hold(saved: &Saved, compiled: &Compiled) -> Result<(), Failure> {
    let mut moved = Vec::new();
    if saved.code != suho_steps::code_digest() {
        moved.push(
            "the steps' code is another: this is another suho than the one that planned".to_owned(),
        );
    }
    let state = compiled.project.state(&saved.environment);
    let store = if saved.environment == REHEARSAL && state.join("suho.db").exists() {
        let store = SqliteStore::open(&state, Access::Read).map_err(|e| refusal::failure(&e))?;
        Some(RefCell::new(store))
    } else {
        None
    };
    let forecast =
        look_ahead(compiled, store.as_ref(), &saved.environment, saved.at, Force::No, None)?;
    let now = seen(&compiled.project, &saved.environment, &forecast)?;
    moved.extend(differences(&saved.seen, &now));
    if moved.is_empty() {
        return Ok(());
    }
    let message = format!("the world has moved since this was planned: {}", moved.join("; "));
    Err(Failure::user("stale-plan", message)
        .help("plan again, look at it, then apply that: `suho plan PIPELINE --out FILE`"))
}

/// What is another in `now`, in words.
fn differences(before: &Json, now: &Json) -> Vec<String> {
    let mut found = Vec::new();
    let none = Vec::new();
    let steps = |seen: &'_ Json| -> Vec<Json> {
        seen.get("steps").and_then(Json::as_array).unwrap_or(&none).clone()
    };
    let word = |step: &Json, field: &str| {
        step.get(field).and_then(Json::as_str).unwrap_or_default().to_owned()
    };
    for (was, is) in steps(before).iter().zip(&steps(now)).filter(|(was, is)| was != is) {
        let id = word(was, "id");
        found.push(match (word(was, "action"), word(is, "action")) {
            (was, is) if was != is => format!("`{id}` was to be {}, now {}", done(&was), done(&is)),
            _ => format!("`{id}`: {}, now {}", word(was, "reason"), word(is, "reason")),
        });
    }
    for (field, words) in [
        ("model", "its model's place in the registry is another"),
        ("data", "its data are others"),
        ("sources", "a file that its data are made of is another"),
        ("nothing", "whether there is anything to do is another"),
        ("registry", "another model serves, or was made"),
    ] {
        if before.get(field) != now.get(field) {
            found.push(words.to_owned());
        }
    }
    found
}

/// What becomes of a step, as a participle.
fn done(action: &str) -> &str {
    match action {
        "run" => "run",
        "cached" => "taken from the cache",
        _ => "left out",
    }
}

#[cfg(test)]
mod tests;
