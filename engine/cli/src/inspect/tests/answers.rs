//! What programs read, and what goes wrong.

use super::{World, model_id, rehearsal};
use crate::args::{Cancel, Cli, Command, Seat};
use crate::inspect::place::States;
use crate::inspect::status::Standing;
use crate::inspect::why::explain;
use crate::inspect::{cancel, models, ps, verify};
use crate::terminal::Terminal;
use clap::Parser as _;
use serde_json::{Value as Json, json};
use std::fs;
use suho_artifacts::{ArtifactPath, Artifacts, NewFile};
use suho_driver::ports::Store as _;
use suho_store::ModelFilter;

fn is_quiet() -> Terminal {
    Terminal::new(true)
}

#[test]
fn status_json_keeps_its_promise() {
    let world = World::second();
    let (mut state, seen) = world.latest();
    let json = Standing::of(&mut state.store, &seen.row.id).unwrap().json();
    assert_eq!(json["version"], 1);
    assert_eq!(json["run"]["id"], world.run().id.as_str());
    assert_eq!(json["run"]["pipeline"], "quickstart");
    assert_eq!(json["run"]["status"], "rejected");
    let steps: Vec<Json> = json["run"]["steps"].as_array().unwrap().clone();
    let promised =
        |step: &Json| json!([step["id"], step["status"], step["attempts"], step["cached"]]);
    let found: Vec<Json> = steps.iter().map(promised).collect();
    let expected = json!([
        ["bars", "cached", 0, true],
        ["fit", "succeeded", 2, false],
        ["quality", "succeeded", 1, false],
        ["proof", "failed", 0, false],
        ["trial", "skipped", 0, false],
        ["live", "skipped", 0, false],
    ]);
    assert_eq!(Json::Array(found), expected);
}

#[test]
fn model_ls_json_keeps_its_promise() {
    let world = World::second();
    let all = world.store.models(&ModelFilter::ANY).unwrap();
    let lines = models::of(&world.store, all).unwrap();
    let promised = |line: &models::Line| {
        let json = line.json();
        let fields = ["id", "scope", "name", "version", "status", "traffic_percentage", "accuracy"];
        fields.map(|field| json[field].clone())
    };
    let found: Vec<_> = lines.iter().map(promised).collect();
    let expected = json!([
        [model_id(1), "platform", "eurusd", "v1.1.0", "archived", 0, 0.583_333],
        [model_id(0), "platform", "eurusd", "v1.0.0", "production", 100, 0.583_333],
    ]);
    assert_eq!(json!(found), expected);
}

#[test]
fn a_candidate_has_its_share_and_production_the_rest() {
    let world = World::first_until_canary();
    let all = world.store.models(&ModelFilter::ANY).unwrap();
    let lines = models::of(&world.store, all).unwrap();
    assert_eq!(lines[0].json()["traffic_percentage"], 10);
    let mut route = world.store.routes(&super::slot()).unwrap().pop().unwrap();
    route.row.production = Some(model_id(7));
    assert_eq!(models::share(&route, &model_id(7)).points(), 9_000);
    assert_eq!(models::share(&route, &model_id(8)).points(), 0);
}

#[test]
fn why_json_has_the_change_and_the_looks() {
    let world = World::second();
    let (mut state, seen) = world.latest();
    let fit = json!(explain(&mut state, &seen, Some("fit")).unwrap());
    assert_eq!(fit[0]["because"]["changes"][0]["path"], "model.optimizer.adam");
    assert_eq!(fit[0]["model"]["version"], "v1.1.0");
    let world = World::first_until_canary();
    let (mut state, seen) = world.latest();
    let trial = json!(explain(&mut state, &seen, Some("trial")).unwrap());
    assert_eq!(trial[0]["rollout"]["looks"][0]["block"], 3);
    assert_eq!(trial[0]["rollout"]["verdict"], Json::Null);
}

#[test]
fn ps_json_has_the_runs() {
    let world = World::first();
    let states = world.states();
    let runs = states.runs(1).unwrap().into_iter();
    let lines: Vec<_> = runs.map(|(_, run)| ps::Line { run, version: None }).collect();
    let json = ps::json(&lines);
    assert_eq!(json["version"], 1);
    let run = &json["runs"][0];
    assert_eq!((&run["number"], &run["status"]), (&json!(1), &json!("succeeded")));
}

#[test]
fn without_state_a_run_is_a_users_mistake_and_a_list_is_empty() {
    let dir = tempfile::tempdir().unwrap();
    let place = Seat { project: Some(dir.path().to_path_buf()), data_dir: None };
    let states = States::of(&place).unwrap();
    assert!(states.runs(20).unwrap().is_empty());
    let failure = states.run("@latest").unwrap_err();
    assert_eq!(failure.exit(), 2);
    assert!(failure.text().starts_with("error[no-runs]: there are no runs in"), "{failure:?}");
    assert!(!dir.path().join(".suho").exists(), "looking must not write");
}

#[test]
fn runs_are_found_by_a_prefix_and_steps_by_their_name() {
    let world = World::second();
    let short = world.run().id.short().to_owned();
    let (_, row) = world.states().run(&short).unwrap();
    assert_eq!(row.id, world.run().id);
    let failure = world.states().run("zz").unwrap_err();
    assert!(failure.text().contains("there is no run `zz`"), "{failure:?}");
    let (_, seen) = world.latest();
    let failure = seen.step("nope").unwrap_err();
    assert_eq!(failure.exit(), 2);
    assert!(failure.text().contains("bars, fit, quality"), "{failure:?}");
}

#[test]
fn cancel_asks_once_and_leaves_what_is_over_alone() {
    let mut world = World::first_until_canary();
    let args = |world: &World| Cancel {
        run: "@latest".to_owned(),
        message: "wrong data".to_owned(),
        place: world.place(),
    };
    for _ in 0..2 {
        assert_eq!(cancel(&args(&world), is_quiet()).unwrap(), 0);
    }
    let run = world.run().id.clone();
    let asked = world.store.requests(&run).unwrap();
    assert_eq!(asked.len(), 1);
    assert_eq!((asked[0].kind.as_str(), asked[0].why.as_str()), ("cancel", "wrong data"));
    let mut world = World::first();
    assert_eq!(cancel(&args(&world), is_quiet()).unwrap(), 0);
    let run = world.run().id.clone();
    assert!(world.store.requests(&run).unwrap().is_empty());
}

#[test]
fn verify_finds_what_was_changed() {
    let world = World::first();
    let model = world.store.find_model("eurusd").unwrap();
    let state = rehearsal(&world.dir);
    assert!(verify::registry(&world.store).unwrap().contains("1 model and"));
    let failure = verify::artifact(&state, &model).unwrap_err();
    assert!(failure.text().starts_with("error[artifact-unsealed]"), "{failure:?}");
    assert!(!state.join("artifacts").exists(), "looking must not write");

    let artifacts = Artifacts::at(&state.join("artifacts")).unwrap();
    let folder = ArtifactPath::new(model.artifact.clone().unwrap()).unwrap();
    let file = NewFile::new("weights.bin", "application/octet-stream", vec![1, 2, 3]).unwrap();
    let manifest = artifacts.seal(&folder, vec![file], model.id.clone(), model.version).unwrap();
    let failure = verify::artifact(&state, &model).unwrap_err();
    assert!(failure.text().starts_with("error[artifact-corrupt]"), "other content: {failure:?}");

    let mut sealed = model;
    sealed.artifact_digest = Some(manifest.artifact_digest);
    assert!(verify::artifact(&state, &sealed).unwrap().contains("1 file"));
    let weights = state.join("artifacts").join(folder.as_str()).join("weights.bin");
    fs::write(weights, [1, 2, 4]).unwrap();
    let failure = verify::artifact(&state, &sealed).unwrap_err();
    assert_eq!(failure.exit(), 3);
    assert!(failure.text().starts_with("error[artifact-corrupt]"), "{failure:?}");
}

#[test]
fn the_commands_answer_from_the_command_line() {
    let world = World::second();
    let project = world.dir.path().to_str().unwrap();
    let run = |words: &[&str]| {
        let words = ["suho"].iter().chain(words).copied().chain(["--project", project]);
        match Cli::try_parse_from(words).unwrap().command {
            Command::Ps(args) => crate::inspect::ps(&args),
            Command::Status(args) => crate::inspect::status(&args),
            Command::Why(args) => crate::inspect::why(&args),
            Command::Logs(args) => crate::inspect::logs(&args),
            Command::Model(args) => crate::inspect::model(&args, is_quiet()),
            _ => panic!("not a command of this module"),
        }
    };
    for words in [
        &["ps", "--json"] as &[&str],
        &["status"],
        &["why", "@latest/fit", "-o", "json"],
        &["logs", "@latest/proof"],
        &["model", "ls"],
        &["model", "show", "eurusd@v1.1.0"],
    ] {
        assert_eq!(run(words).unwrap(), 0, "{words:?}");
    }
    assert_eq!(run(&["model", "verify", "eurusd"]).unwrap_err().exit(), 3);
    assert_eq!(run(&["why", "@latest/nope"]).unwrap_err().exit(), 2);
}
