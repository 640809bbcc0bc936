use super::*;
use crate::tests::{Files, TINY, checked, planned, planned_with, suho_files};
use std::path::{Path, PathBuf};
use suho_check::check;

/// Name and content digest of every step.
fn contents(plan: &Plan) -> Vec<(String, Digest)> {
    plan.nodes.iter().map(|node| (node.name.to_string(), node.content.clone())).collect()
}

/// The steps whose content differs between two texts of the same steps.
fn changed(before: &str, after: &str) -> Vec<String> {
    let (before, after) = (contents(&planned(before)), contents(&planned(after)));
    assert_eq!(before.len(), after.len());
    let pairs = before.into_iter().zip(after);
    pairs.filter(|(a, b)| a != b).map(|(_, (name, _))| name).collect()
}

#[test]
fn comments_are_not_content() {
    let commented = TINY
        .replace("  calendar = fx", "  // Currencies.\n  calendar = fx // always")
        .replace("/// Everything that a rehearsal needs, as small as it can be.", "/// Else.")
        .replace("    epochs         = 2", "    // Two will do.\n    epochs         = 2 // two");
    assert_ne!(commented, TINY);
    assert_eq!(planned(&commented).digest, planned(TINY).digest);
    assert_eq!(changed(TINY, &commented), Vec::<String>::new());
}

#[test]
fn layout_is_not_content() {
    let mut loose: String = TINY.lines().map(|line| format!("{line}  \r\n\r\n")).collect();
    loose = loose.replace(" = ", "   =   ").replace("[lstm(units: 4), ", "[\n lstm( units :4 ),\n");
    assert_eq!(planned(&loose).digest, planned(TINY).digest);
    assert_eq!(changed(TINY, &loose), Vec::<String>::new());
}

#[test]
fn names_of_lets_are_not_content() {
    let named = |file: &str, own: &str| {
        TINY.replace("model small_lstm", &format!("let {file} = 20\n\nmodel small_lstm"))
            .replace("sequence  = 20", &format!("sequence  = {file}"))
            .replace("  calendar = fx", &format!("  calendar = fx\n  let {own} = 2"))
            .replace("epochs         = 2", &format!("epochs         = {own}"))
    };
    assert_eq!(changed(TINY, &named("bars", "rounds")), Vec::<String>::new());
    assert_eq!(changed(&named("bars", "rounds"), &named("seen", "turns")), Vec::<String>::new());
    let plans = [named("bars", "rounds"), named("seen", "turns")].map(|text| planned(&text));
    assert_eq!(plans[0].digest, plans[1].digest);
}

#[test]
fn what_changes_a_step_changes_those_after_it_and_no_other() {
    let everything_after =
        ["candidate", "quality", "acceptance", "staging", "tenth", "rollout", "live"];
    let more = TINY.replace("epochs         = 2", "epochs         = 3");
    assert_eq!(changed(TINY, &more), everything_after);
    let stricter = TINY.replace("quality.accuracy >= 1%", "quality.accuracy >= 2%");
    assert_eq!(changed(TINY, &stricter), everything_after[2..]);
    let patient =
        TINY.replace("seed           = 42", "seed           = 42\n    timeout        = 1h");
    assert_eq!(changed(TINY, &patient), Vec::<String>::new(), "how long is not what");
}

#[test]
fn a_condition_is_part_of_the_plan_and_not_of_the_step() {
    let asks = |limit: &str| {
        TINY.replace(
            "    duration = 1h",
            &format!("    duration = 1h\n    when = quality.events > {limit}"),
        )
    };
    let (few, many) = (asks("10"), asks("20"));
    assert_eq!(changed(&few, &many), Vec::<String>::new());
    assert_ne!(planned(&few).digest, planned(&many).digest);
}

#[test]
fn the_environment_is_weaker_than_the_command_line_and_stronger_than_the_default() {
    let project = "edition 2026

env rehearsal { tiny.learning_rate = 0.5 }
env prod { tiny.mend = repair }
";
    let checked = checked(&[("pipeline.suho", TINY), ("project.suho", project)]);
    let rate = |environment, arguments: &[(String, String)]| {
        let binding = Binding { environment, ..Binding::of(arguments) };
        build_in(&checked.program, "tiny", &binding).unwrap().params["learning_rate"].clone()
    };
    let given = [("learning_rate".to_owned(), "0.25".to_owned())];
    assert_eq!(rate(None, &[]), Value::Float(0.001));
    assert_eq!(rate(Some("prod"), &[]), Value::Float(0.001));
    assert_eq!(rate(Some("rehearsal"), &[]), Value::Float(0.5));
    assert_eq!(rate(Some("rehearsal"), &given), Value::Float(0.25));
}

#[test]
fn a_parameter_without_value_stays_open_where_that_is_asked_for() {
    let text = TINY.replace("file: Path = \"bars.csv\"", "file: Path");
    let checked = checked(&[("pipeline.suho", &text)]);
    let plan = |unbound| {
        let binding = Binding { unbound, ..Binding::of(&[]) };
        build_in(&checked.program, "tiny", &binding)
    };
    assert!(matches!(plan(Unbound::Refused), Err(PlanError::MissingParameter { .. })));
    let open = plan(Unbound::Open).unwrap();
    assert_eq!(open.params.len(), 3, "all but the file");
    let source = &open.node("data").unwrap().inputs["source"];
    assert_eq!(crate::show(source), "csv(path: file)");
}

#[test]
fn the_same_files_in_any_order_are_the_same_bytes() {
    let model = "edition 2026\n\nuse std.ml\n\nlet bars = 20\nlet rounds = 2\n";
    let text = TINY
        .replace("use std.rollout", "use std.rollout\nuse \"./model.suho\" { bars, rounds }")
        .replace("sequence  = 20", "sequence  = bars")
        .replace("epochs         = 2", "epochs         = rounds");
    let project = "edition 2026\n\nproject tiny { timezone = \"Europe/Berlin\" }\n";
    let files = [("model.suho", model), ("pipeline.suho", &*text), ("project.suho", project)];
    let orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
    let plans = orders.map(|order| planned_with(&order.map(|at| files[at]), &[]).to_json());
    for plan in &plans {
        assert_eq!(*plan, plans[0]);
    }
    // A file that is only used, and not asked for, is the same file.
    let binding = Binding::of(&[]);
    let asked: Vec<_> =
        files[1..].iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
    let program = check(&asked, &Files(&files)).program;
    assert_eq!(build_in(&program, "tiny", &binding).unwrap().to_json(), plans[0]);
}

/// Every `.suho` file of the repository, by folder.
fn repository() -> Vec<(PathBuf, Vec<(String, String)>)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut open = vec![root];
    let mut found = Vec::new();
    while let Some(folder) = open.pop() {
        let inner = folder.read_dir().unwrap().map(|entry| entry.unwrap().path());
        let is_ours = |path: &PathBuf| {
            let name = path.file_name().unwrap().to_str().unwrap();
            path.is_dir() && !name.starts_with('.') && name != "target"
        };
        open.extend(inner.filter(is_ours));
        let files = suho_files(&folder);
        if !files.is_empty() {
            found.push((folder, files));
        }
    }
    found.sort();
    found
}

/// What each pipeline of `file` is, and what is wrong with the file; `files` are those beside it.
fn meaning(
    file: &(String, String),
    files: &[(String, String)],
) -> (Vec<&'static str>, Vec<String>) {
    let by_name: Vec<_> = files.iter().map(|(name, text)| (&**name, &**text)).collect();
    let checked = check(std::slice::from_ref(file), &Files(&by_name));
    let mut said: Vec<_> = checked.diagnostics.iter().map(|d| d.code).collect();
    // The formatter sorts `use`s, and what is wrong with them moves along.
    said.sort_unstable();
    let open = Binding { unbound: Unbound::Open, ..Binding::of(&[]) };
    let plans = checked.program.pipelines.keys().map(|name| {
        let plan = build_in(&checked.program, name.as_str(), &open);
        plan.map_or_else(
            |why| why.to_string(),
            |plan| format!("{} {:?}", plan.digest, contents(&plan)),
        )
    });
    (said, plans.collect())
}

#[test]
fn the_formatter_changes_no_plan() {
    let mut changed = 0;
    for (folder, files) in repository() {
        let lay_out = |(name, text): &(String, String)| {
            // The corpus of the checker holds its answers as lines of their own.
            let text: String =
                text.split_inclusive('\n').filter(|l| !l.starts_with("#!")).collect();
            // A text without layout has more to gain; raw texts keep theirs, so they keep it all.
            let loose = text.replace("\n  ", "\n\n     ").replace(" = ", "=");
            let text = if text.contains("\"\"\"") { text } else { loose };
            let formatted = suho_syntax::format(&text);
            assert_eq!(formatted.defect, None, "{}/{name}", folder.display());
            ((name.clone(), text), (name.clone(), formatted.text))
        };
        let (written, formatted): (Vec<_>, Vec<_>) = files.iter().map(lay_out).unzip();
        for (before, after) in written.iter().zip(&formatted).filter(|(a, b)| a != b) {
            let (was, is) = (meaning(before, &written), meaning(after, &formatted));
            assert_eq!(was, is, "{}/{}", folder.display(), before.0);
            changed += is.1.len();
        }
    }
    assert!(changed >= 8, "only {changed} pipelines were laid out anew");
}

#[test]
fn a_gate_waits_for_what_its_floor_looks_at() {
    let needs = |floor: &str| -> Vec<String> {
        let text = TINY
            .replace("    floor = none\n", floor)
            .replace("require quality.accuracy >= 1%", "require candidate.best_epoch >= 1");
        let plan = planned(&text);
        plan.node("acceptance").unwrap().needs.iter().map(Name::to_string).collect()
    };
    assert_eq!(needs("    floor = none\n"), ["candidate"]);
    assert_eq!(needs("    floor = majority(margin: 1pp)\n"), ["candidate", "quality"]);
    assert_eq!(needs(""), ["candidate", "quality"], "the floor is there unless it is left out");
}

#[test]
fn a_gate_does_not_wait_for_what_waits_for_it() {
    let text = TINY
        .replace("    floor = none\n", "")
        .replace("    require quality.accuracy >= 1%", "    require candidate.best_epoch >= 1")
        .replace(
            "    data  = data.test\n  }\n\n  gate",
            "    data  = data.test\n    after = [acceptance]\n  }\n\n  gate",
        );
    let plan = planned(&text);
    let needs = &plan.node("acceptance").unwrap().needs;
    assert_eq!(needs.iter().map(Name::as_str).collect::<Vec<_>>(), ["candidate"]);
    assert!(plan.node("quality").unwrap().needs.iter().any(|it| it.as_str() == "acceptance"));
}

#[test]
fn a_parameter_may_be_a_model_by_its_name() {
    let text = TINY.replace("pipeline tiny(", "pipeline tiny(\n  spec: ModelSpec = small_lstm,\n");
    let other = "\nmodel other_lstm {\n  target   = small_lstm.target\n  features = two\n  sequence = 7\n  \
                 layers   = [output(units: 3)]\n}\n";
    let text = format!("{text}{other}");
    let name = |arguments: &[(&str, &str)]| {
        let plan = planned_with(&[("pipeline.suho", &text)], arguments);
        plan.params.iter().find(|(name, _)| name.as_str() == "spec").unwrap().1.clone()
    };
    assert_eq!(name(&[("spec", "other_lstm")]).field("sequence"), Some(&Value::Int(7)));
    assert_eq!(name(&[]).field("name"), Some(&Value::text("small_lstm")));
    let program = checked(&[("pipeline.suho", &text)]).program;
    let wrong = [("spec".to_owned(), "third_lstm".to_owned())];
    assert_eq!(
        build(&program, "tiny", &wrong).unwrap_err().to_string(),
        "the parameter `spec` cannot be `third_lstm`: it takes the name of a `ModelSpec`: \
         `small_lstm`, `other_lstm`"
    );
}

#[test]
fn a_parameter_keeps_the_conditions_of_the_kinds_it_is_given_to() {
    let text = TINY
        .replace("pipeline tiny(", "pipeline tiny(\n  most: Ratio = 10%,\n  rounds: Int = 2,\n")
        .replace("epochs         = 2", "epochs         = rounds")
        .replace("share      = 10%", "share      = most");
    let program = checked(&[("pipeline.suho", &text)]).program;
    let plan = |name: &str, value: &str| {
        build(&program, "tiny", &[(name.to_owned(), value.to_owned())]).map(|_| ())
    };
    assert_eq!(plan("most", "50%"), Ok(()));
    assert!(
        plan("most", "90%").unwrap_err().to_string().starts_with(
            "`tenth` needs `share > 0% and share <= 50%`, and `most` is 90% (pipeline.suho:"
        ),
        "{:?}",
        plan("most", "90%")
    );
    assert!(plan("rounds", "0").unwrap_err().to_string().contains("and `rounds` is 0"));
}
