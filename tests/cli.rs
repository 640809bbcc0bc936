//! The command line as a person meets it: the transcripts of `tests/cli` and of the examples.
//!
//! Each plays in a folder of its own that vanishes; nothing is written into the repository.
//! `TRYCMD=overwrite` redraws them. What differs between machines or days stands there as `[..]`.

mod server;
pub(crate) mod stage;

use stage::{BARS, Bar, Stage};
use std::fs;
use std::process::Stdio;
use std::str;

/// How often a process is asked whether it has begun.
const TRIES_MAX: usize = 1_000;

#[test]
fn the_help_page() {
    Stage::empty().plays("tests/cli/help.md");
}

#[test]
fn a_project_to_begin_with() {
    let stage = Stage::empty();
    stage.plays("tests/cli/init.md");
    let plan = stage.suho(&["plan", "desk/pipelines", "--at", "2018-02-08"]);
    assert!(plan.status.success(), "{}", String::from_utf8_lossy(&plan.stderr));
    assert_eq!(fs::read_to_string(stage.path("desk/.gitignore")).unwrap(), ".suho/\n");
}

#[test]
fn every_mistake_is_reported_at_once() {
    Stage::of("tests/cli/mistakes").plays("tests/cli/check.md");
    Stage::of("tests/cli/names").plays("tests/cli/feature_names.md");
}

#[test]
fn what_has_one_way_out_is_mended() {
    let stage = Stage::example("quickstart");
    stage.edit("pipeline.suho", |bytes| {
        let text = String::from_utf8(std::mem::take(bytes)).unwrap();
        let text = text.replace("seed           = 42", "seed: 42");
        *bytes = text.replace("duration = 24h", "duration = \"24h\"").into_bytes();
    });
    stage.write("picture.suho", "edition 2026\n\0");
    stage.plays("tests/cli/fix.md");
}

#[test]
fn files_are_written_in_one_form() {
    Stage::of("tests/cli/mistakes").plays("tests/cli/fmt.md");
}

#[test]
#[cfg(unix)]
fn what_is_no_program_is_answered_clearly() {
    use std::fs::{create_dir, write};
    use std::os::unix::fs::symlink;
    let stage = Stage::empty();
    stage.write("project.suho", "edition 2026\n");
    write(stage.path("latin.suho"), b"edition 2026\nlet a = \"\xff\"\n").unwrap();
    stage.write("windows.suho", "\u{FEFF}edition 2026\r\nlet a = 1\r\nlet b = \r\n");
    stage.write("huge.suho", &"a".repeat(1025 * 1024));
    for folder in ["circle", "links", "around"] {
        create_dir(stage.path(folder)).unwrap();
    }
    stage.write("circle/one.suho", "edition 2026\nuse \"./two.suho\" { y }\nlet x = y\n");
    stage.write("circle/two.suho", "edition 2026\nuse \"./one.suho\" { x }\nlet y = x\n");
    stage.write("../outside.suho", "edition 2026\n");
    symlink("../../outside.suho", stage.path("links/out.suho")).unwrap();
    stage.write("uses_link.suho", "edition 2026\nuse \"./links/out.suho\" { x }\n");
    stage.write("around/file.suho", "edition 2026\n");
    symlink("..", stage.path("around/above")).unwrap();
    stage.plays("tests/cli/bad_input.md");
}

#[test]
fn of_ten_thousand_mistakes_a_few_are_shown_and_all_are_counted() {
    let stage = Stage::empty();
    let lines: String = (0..10_000).map(|at| format!("let x{at} = nothing{at}\n")).collect();
    stage.write("many.suho", &format!("edition 2026\n{lines}"));
    let answer = stage.suho(&["check", "many.suho"]);
    assert_eq!(answer.status.code(), Some(2));
    let shown = String::from_utf8(answer.stderr).unwrap();
    assert_eq!(shown.matches("error[unknown-name]").count(), 25);
    assert!(shown.contains("error[more-errors]: 9975 more errors in this file"), "{shown}");
    assert!(shown.contains("10000 mistakes, 25 of them shown"), "{shown}");
}

#[test]
fn codes_explain_themselves() {
    Stage::empty().plays("tests/cli/explain.md");
}

#[test]
fn pages_of_a_project() {
    let stage = Stage::example("quickstart");
    stage.plays("tests/cli/doc.md");
    for page in ["index.html", "pipeline-quickstart.html", "std-ml.html", "std-ml.md"] {
        assert!(stage.path("pages").join(page).exists(), "{page}");
    }
}

#[test]
fn schemas_of_kinds() {
    Stage::empty().plays("tests/cli/schema.md");
}

#[test]
fn every_shell_is_given_its_completions() {
    let stage = Stage::empty();
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let answer = stage.suho(&["completions", shell]);
        assert_eq!(answer.status.code(), Some(0), "{shell}");
        let script = String::from_utf8(answer.stdout).unwrap();
        assert!(script.contains("rehearse") && script.contains("completions"), "{shell}");
    }
    assert_eq!(stage.suho(&["completions", "sh"]).status.code(), Some(2));
}

#[test]
fn a_plan_says_what_would_happen() {
    let stage = Stage::example("quickstart");
    stage.plays("tests/cli/plan.md");
    assert!(!stage.path(".suho").exists(), "a plan touches nothing");
}

#[test]
fn a_plan_is_the_same_to_the_byte() {
    let stage = Stage::example("quickstart");
    for form in [&["-o", "table"], &["-o", "json"]] {
        let plan = ["plan", ".", "--at", "2018-02-07T15:00:00Z"];
        let answers: Vec<_> = (0..2).map(|_| stage.suho(&[&plan[..], form].concat())).collect();
        assert_eq!(answers[0].status.code(), Some(0));
        assert_eq!(str::from_utf8(&answers[0].stdout), str::from_utf8(&answers[1].stdout));
    }
}

#[test]
fn a_saved_plan_is_carried_out_exactly_or_not_at_all() {
    let stage = Stage::tiny();
    let refused = |code: &str, words: &str| {
        let answer = stage.suho(&["apply", "saved.json"]);
        let said = String::from_utf8(answer.stderr).unwrap();
        assert_eq!(answer.status.code(), Some(2), "{said}");
        assert!(said.contains(&format!("error[{code}]")) && said.contains(words), "{said}");
    };
    refused("no-such-file", "suho plan PIPELINE --out FILE");
    let planned = stage.suho(&["plan", ".", "--out", "saved.json"]);
    assert!(planned.status.success(), "{}", String::from_utf8_lossy(&planned.stderr));
    assert!(!stage.path(".suho").exists(), "to plan touches nothing");
    let saved = std::fs::read_to_string(stage.path("saved.json")).unwrap();

    stage.write("saved.json", &saved.replacen("epochs", "epoch5", 1));
    refused("changed-plan", "somebody changed it");
    stage.write("saved.json", "{}");
    refused("no-saved-plan", "is no saved plan");
    stage.write("saved.json", &saved);

    let bars = std::fs::read_to_string(stage.path("bars.csv")).unwrap();
    let lines: Vec<&str> = bars.lines().collect();
    stage.write("bars.csv", &format!("{}\n", lines[..lines.len() - 1].join("\n")));
    refused("stale-plan", "the world has moved");
    stage.write("bars.csv", &bars);

    // What is applied is what was seen, whatever the text says by now.
    let text = std::fs::read_to_string(stage.path("pipeline.suho")).unwrap();
    stage.write("pipeline.suho", &text.replace("epochs         = 2", "epochs         = 1"));
    let applied = stage.suho(&["apply", "saved.json", "--json"]);
    assert!(applied.status.success(), "{}", String::from_utf8_lossy(&applied.stderr));
    let run: serde_json::Value = serde_json::from_slice(&applied.stdout).unwrap();
    assert_eq!(run["run"]["status"], "succeeded");
    refused("stale-plan", "its model's place in the registry is another");
}

/// A pipeline that greets, and refuses to greet one.
const GREETING: &str = r#"edition 2026

use std.ml
use std.ops

pipeline greet(word: Text) {
  shell say {
    script = """
      echo "hello $WORD"
      test "$WORD" != nobody
      """
    env    = { WORD = word }
    cache  = false
  }
}

matrix all {
  run      = greet()
  axes     = { word = ["one", "two", "three", "nobody"] }
  parallel = 2
}
"#;

#[test]
fn every_cell_of_a_matrix_is_a_run() {
    let stage = Stage::empty();
    stage.write("pipeline.suho", GREETING);
    let ended = |args: &[&str]| -> (Option<i32>, serde_json::Value) {
        let answer = stage.suho(&[&["run"], args, &["--json"]].concat());
        let said = String::from_utf8_lossy(&answer.stderr).into_owned();
        (answer.status.code(), serde_json::from_slice(&answer.stdout).expect(&said))
    };
    let (code, page) = ended(&["all"]);
    let cells: Vec<String> = page["cells"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| format!("{} {}", it["cell"], it["run"]["status"]).replace('"', ""))
        .collect();
    let expected = [
        "all[word=one] succeeded",
        "all[word=two] succeeded",
        "all[word=three] succeeded",
        "all[word=nobody] failed",
    ];
    assert_eq!(cells, expected);
    assert_eq!(code, Some(2), "the gravest of them");
    assert_eq!(page["matrix"], "all");
    // One cell is a run like any other.
    let (code, page) = ended(&["all[word=two]"]);
    assert_eq!((code, &page["run"]["status"]), (Some(0), &"succeeded".into()));

    let answer = stage.suho(&["rehearse", "all"]);
    let said = String::from_utf8(answer.stderr).unwrap();
    assert_eq!(answer.status.code(), Some(2));
    assert!(said.contains("name one of its cells: `all[word=one]`"), "{said}");
}

/// The same model's name for two symbols.
const ONE_NAME: &str = r#"edition 2026

use std.ml
use std.ops
use "./pipeline.suho" { small_lstm }

let other = small_lstm with { target = small_lstm.target with { symbol = "GBP/USD" } }

pipeline small(spec: ModelSpec) {
  dataset data {
    source    = csv("bars.csv")
    symbol    = spec.target.symbol
    timeframe = spec.target.timeframe
    features  = spec.features
  }

  train candidate {
    model      = spec
    train      = data.train
    validation = data.validation
    version    = v1.0.0
  }
}

matrix both {
  run  = small(spec: small_lstm)
  axes = { spec = [small_lstm, other] }
}
"#;

#[test]
fn a_matrix_of_one_models_name_for_two_symbols_is_refused() {
    let stage = Stage::tiny();
    stage.write("matrix.suho", ONE_NAME);
    let answer = stage.suho(&["run", "both"]);
    let said = String::from_utf8(answer.stderr).unwrap();
    assert_eq!(answer.status.code(), Some(2), "{said}");
    assert!(said.contains("error[slot-change]") && said.contains("name = \"b\""), "{said}");
    assert!(!stage.path(".suho/suho.db").exists(), "nothing was begun");
}

#[test]
fn a_graph_is_drawn_in_four_ways() {
    Stage::of("tests/cli/tiny").plays("tests/cli/graph.md");
}

#[test]
fn a_value_is_explained_link_by_link() {
    let stage = Stage::of("tests/cli/tiny");
    let project = "edition 2026\n\nproject tiny {\n  timezone = \"UTC\"\n}\n\n";
    let environment = "env rehearsal {\n  tiny.learning_rate = 0.01\n}\n";
    stage.write("project.suho", &format!("{project}{environment}"));
    stage.plays("tests/cli/explain_value.md");
}

#[test]
fn revisions_are_compared_by_what_they_do() {
    let stage = Stage::of("tests/cli/tiny");
    let written = std::fs::read_to_string(stage.path("pipeline.suho")).unwrap();
    let revision = |name: &str, text: &str| {
        stage.write("pipeline.suho", text);
        stage.git(&["add", "--all"]);
        stage.git(&["commit", "--quiet", "--message", name]);
        stage.git(&["tag", name]);
    };
    stage.git(&["init", "--quiet"]);
    revision("broken", &written.replace("epochs         = 2", "epochs         = two"));
    revision("before", &written);
    let after = written
        .replace("quality.accuracy >= 1%", "quality.accuracy > 0%")
        .replace("share      = 10%", "share      = 20%")
        .replace("duration = 1h", "duration = 2h")
        .replace("columns = [\"close\", \"rsi_14\"]", "columns = [\"close\"]");
    revision("after", &after);
    stage.write(
        "pipeline.suho",
        &after.replace("  calendar = fx", "  // Currencies.\n  calendar   = fx"),
    );
    stage.plays("tests/cli/diff.md");
}

#[test]
fn without_a_repository_there_is_nothing_to_compare() {
    Stage::of("tests/cli/tiny").plays("tests/cli/no_repository.md");
}

#[test]
fn wrong_names_and_values() {
    let stage = Stage::example("quickstart");
    stage.plays("tests/cli/names.md");
    assert!(!stage.path(".suho").exists(), "what was refused left nothing behind");
}

#[test]
fn bad_bars_are_refused() {
    let stage = damaged();
    stage.plays("tests/cli/bad_bars.md");
    let artifacts = stage.path(".suho/rehearsal/artifacts");
    assert!(!artifacts.exists(), "what was refused left nothing half-written");
}

#[test]
fn bad_bars_are_mended_where_the_pipeline_says_so() {
    damaged().plays("tests/cli/mended_bars.md");
}

/// The tiny pipeline, and beside its bars a file for each thing that can be wrong with them.
fn damaged() -> Stage {
    let stage = Stage::tiny();
    let bars = stage::bars(BARS);
    let damaged = |name: &str, damage: &dyn Fn(&mut Vec<Bar>)| {
        let mut bars = bars.clone();
        damage(&mut bars);
        stage.write(name, &stage::csv(&bars));
    };
    damaged("few.csv", &|bars| bars.truncate(300));
    damaged("one.csv", &|bars| bars.truncate(1));
    damaged("none.csv", &|bars| bars.clear());
    stage.write("empty.csv", "");
    damaged("infinite.csv", &|bars| bars[700][2] = "inf".into());
    damaged("huge.csv", &|bars| bars[700][2] = "1e300".into());
    damaged("zones.csv", &|bars| bars[700][0] = bars[700][0].replace('Z', "+05:00"));
    damaged("quote.csv", &|bars| bars[700][2].insert(0, '"'));
    damaged("no_number.csv", &|bars| bars[700][4] = "n/a".into());
    damaged("nan.csv", &|bars| bars[700][4] = "NaN".into());
    damaged("high_low.csv", &|bars| bars[700][2] = "0.5".into());
    damaged("order.csv", &|bars| bars.swap(700, 701));
    damaged("twice.csv", &|bars| bars.insert(700, bars[700].clone()));
    damaged("missing.csv", &|bars| drop(bars.drain(700..1000)));
    damaged("negative.csv", &|bars| bars[700][3] = "-1.1".into());
    damaged("spike.csv", &|bars| [2, 4].iter().for_each(|price| bars[700][*price] = "1.9".into()));
    damaged("zero_range.csv", &|bars| {
        for bar in &mut bars[600..800] {
            let close = bar[4].clone();
            (1..=3).for_each(|price| bar[price].clone_from(&close));
        }
    });
    damaged("weekend.csv", &|bars| {
        // The second Saturday, ten hours of it.
        let friday = bars.iter().rposition(|bar| bar[0].starts_with("2024-06-07")).unwrap();
        let hours = (0..10).map(|hour| {
            let mut bar = bars[friday].clone();
            bar[0] = format!("2024-06-08T{hour:02}:00:00Z");
            bar
        });
        let weekend: Vec<_> = hours.collect();
        let monday = friday + 1;
        bars.splice(monday..monday, weekend);
    });
    stage.write("no_close.csv", &stage::csv(&bars).replacen("close", "shut", 1));
    stage
}

#[test]
fn a_state_folder_that_cannot_be_written() {
    let stage = Stage::tiny();
    // Even root cannot make a folder where a file is.
    stage.write(".suho", "");
    stage.plays("tests/cli/unwritable.md");
}

#[test]
fn an_artifact_that_was_changed() {
    let stage = Stage::rehearsed();
    stage.edit(".suho/rehearsal/artifacts/platform/small_lstm/v1.0.0/model.safetensors", |bytes| {
        let last = bytes.len() - 1;
        bytes[last] ^= 1;
    });
    stage.plays("tests/cli/corrupt.md");
}

#[test]
fn models_are_told_apart_made_again_and_put_away() {
    let stage = Stage::rehearsed();
    let second = ["rehearse", ".", "-p", "learning_rate=0.002", "--quiet"];
    // The bars run out before anything is proven of it.
    assert_eq!(stage.suho(&second).status.code(), Some(1));
    stage.write("net.onnx", "");
    stage.plays("tests/cli/models.md");
}

#[test]
fn weights_from_a_script_go_the_way_of_every_model() {
    let stage = Stage::rehearsed();
    let export = ["model", "export", "small_lstm", "--safetensors", "old.safetensors"];
    assert!(stage.suho(&export).status.success());
    stage.edit("pipeline.suho", |bytes| {
        let text = String::from_utf8(std::mem::take(bytes)).unwrap();
        let text = text.replace("pipeline tiny(", &format!("{SCRIPT}pipeline tiny("));
        let text = text.replace(
            "  train candidate {\n",
            "  elsewhere fitted {\n    manifest = data.manifest\n  }\n\n  train candidate {\n    \
             weights        = fitted.weights\n",
        );
        *bytes = text.into_bytes();
    });
    let run = stage.suho(&["rehearse", ".", "--quiet"]);
    assert_eq!(run.status.code(), Some(1), "{}", String::from_utf8_lossy(&run.stderr));
    let shown = stage.suho(&["model", "ls", "--json"]);
    let shown: serde_json::Value = serde_json::from_slice(&shown.stdout).unwrap();
    assert_eq!(shown["models"][0]["version"], "v1.0.1");
    assert_eq!(shown["models"][0]["status_reason"], "rolled_back", "it came as far as a canary");
    let weights = |version: &str| {
        let folder = ".suho/rehearsal/artifacts/platform/small_lstm";
        fs::read(stage.path(&format!("{folder}/{version}/model.safetensors"))).unwrap()
    };
    assert_eq!(weights("v1.0.1"), weights("v1.0.0"));
}

/// A step that leaves weights, as a training in Python would.
const SCRIPT: &str = r#"step elsewhere {
  in manifest: Text
  out weights: Artifact
  exec = shell(
    """
    test -e "$SUHO_ARTIFACTS/$MANIFEST"
    cp "$SUHO_PROJECT/old.safetensors" "$SUHO_OUT/weights.safetensors"
    echo '{ "weights": "weights.safetensors" }' > "$SUHO_OUT/outputs.json"
    """,
    env: { MANIFEST = manifest },
  )
}

"#;

#[test]
fn a_registry_row_that_was_changed() {
    let stage = Stage::rehearsed();
    // The one place where the configuration follows the model's version and status is its row.
    stage.edit(".suho/rehearsal/suho.db", |bytes| {
        let row = stage::find(bytes, b"1h4hv1.0.0production");
        let units = row + stage::find(&bytes[row..], br#""units":4"#);
        bytes[units + 8] = b'9';
    });
    stage.plays("tests/cli/tampered.md");
}

#[test]
fn one_process_at_a_time_owns_the_state() {
    let stage = Stage::example("quickstart");
    let mut first =
        stage.command(&["rehearse", ".", "--quiet"]).stdout(Stdio::null()).spawn().unwrap();
    let has_begun = || stage.suho(&["status"]).status.success();
    assert!((0..TRIES_MAX).any(|_| has_begun()), "the first rehearsal never began");
    stage.plays("tests/cli/in_use.md");
    assert_eq!(stage.suho(&["cancel", "@latest"]).status.code(), Some(0));
    assert_eq!(first.wait().unwrap().code(), Some(130), "the first one was cancelled");
}

#[test]
fn the_quickstart_ends_in_production() {
    Stage::example("quickstart").plays("examples/quickstart/README.md");
}

#[test]
fn the_strict_gate_says_no() {
    Stage::example("strict_gate").plays("examples/strict_gate/README.md");
}

#[test]
fn steps_of_ones_own_run() {
    Stage::example("own_steps").plays("examples/own_steps/README.md");
}

#[test]
fn networks_of_other_kinds_are_trained() {
    Stage::example("networks").plays("examples/networks/README.md");
}

#[test]
fn features_are_listed_and_explained() {
    Stage::empty().plays("tests/cli/features.md");
}

#[test]
fn features_of_bars_are_computed() {
    let stage = damaged();
    let bars = stage::bars(BARS);
    stage.write("four.csv", &stage::csv(&bars[..4]));
    let without_volume = |bar: &Bar| bar[..5].join(",") + "\n";
    let quotes: String = bars.iter().map(without_volume).collect();
    stage.write("quotes.csv", &format!("time,open,high,low,close\n{quotes}"));
    stage.plays("tests/cli/compute.md");
    let written = std::fs::read_to_string(stage.path("four_features.csv")).unwrap();
    assert_eq!(written.lines().next(), Some("time,close,roc_2"));
    assert!(written.lines().nth(1).unwrap().ends_with(','), "undefined is empty: {written}");
}

#[test]
fn files_of_bars_are_described_and_converted() {
    let stage = damaged();
    stage.write("terse.csv", &stage::csv(&stage::bars(BARS)).replacen("open", "o", 1));
    stage.plays("tests/cli/data.md");
    let [given, back] =
        ["bars.csv", "back.csv"].map(|name| std::fs::read_to_string(stage.path(name)).unwrap());
    let numbers = |text: &str| -> Vec<f64> {
        let cells = text.lines().skip(1).flat_map(|line| line.split(',').skip(1));
        cells.map(|cell| cell.parse().unwrap()).collect()
    };
    assert_eq!(numbers(&given), numbers(&back), "through Parquet and back, to the bit");
}

#[test]
fn a_pipelines_own_tests_are_played() {
    let stage = Stage::example("quickstart");
    stage.plays("tests/cli/simulate.md");
    assert!(!stage.path(".suho").exists(), "a simulation touches nothing");
}

#[test]
fn what_cannot_be_played_says_why() {
    Stage::tiny().plays("tests/cli/simulate_small.md");
}

#[test]
fn barriers_are_learnt_and_judged_fold_by_fold() {
    Stage::example("barriers").plays("examples/barriers/README.md");
}

#[test]
fn files_of_anothers_making_are_a_source() {
    let stage = Stage::example("sources");
    std::fs::create_dir(stage.path("bars")).unwrap();
    stage.plays("examples/sources/README.md");
}

#[test]
fn a_starter_project_is_one_that_can_be_planned() {
    Stage::empty().plays("tests/cli/data_init.md");
}

#[test]
fn a_server_that_answers_badly_is_told_apart_from_a_wrong_question() {
    use server::{Badly, listen};
    for (how, code, said) in [
        (Badly::Exception, 2, "error[refused-query]: ClickHouse at `URL` refuses (code 60)"),
        (Badly::Half, 3, "error[broken-answer]: the answer of ClickHouse at `URL` breaks off"),
        (Badly::Page, 2, "error[not-clickhouse]: what answers at `URL` is not ClickHouse"),
    ] {
        let stage = Stage::tiny();
        let url = listen(how);
        stage.edit("pipeline.suho", |bytes| {
            let text = String::from_utf8(std::mem::take(bytes)).unwrap();
            let connection = format!(
                "use std.rollout\n\nsecret word = env(\"SUHO_TEST_WORD\")\n\n\
                 clickhouse_connection warehouse {{\n  url      = \"{url}\"\n  password = word\n}}\n"
            );
            let text = text.replacen("use std.rollout\n", &connection, 1);
            let source = "clickhouse(warehouse, table: \"market.ohlcv\")";
            *bytes = text.replace("csv(file)", source).into_bytes();
        });
        let asked = |word: Option<&str>| {
            let mut command = stage.command(&["plan", "."]);
            if let Some(word) = word {
                command.env("SUHO_TEST_WORD", word);
            }
            let answer = command.output().unwrap();
            let said = str::from_utf8(&answer.stderr).unwrap().replace(&url, "URL");
            (answer.status.code(), said)
        };
        let (status, told) = asked(Some("hush"));
        assert!(status == Some(code) && told.contains(said), "{status:?} {told}");
        assert!(!told.contains("hush"), "{told}");
        let (status, told) = asked(None);
        assert!(status == Some(2) && told.contains("error[no-secret]"), "{status:?} {told}");
        assert!(!stage.path(".suho").exists(), "a plan touches nothing");
    }
}

#[test]
fn tests_of_pipelines_are_run() {
    let stage = Stage::of("tests/lang/testing");
    stage.plays("tests/cli/test.md");
    assert!(!stage.path(".suho").exists(), "a test touches nothing");
}
