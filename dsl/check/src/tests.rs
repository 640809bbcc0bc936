use crate::program::{Access, Expr};
use crate::{Cache, Checked, Phase, Severity, Type, World, check, check_with};
use suho_domain::{Stage, Value};

/// A prelude of a few lines, and files by name.
struct Small<'a> {
    prelude: &'a str,
    files: &'a [(&'a str, &'a str)],
}

impl World for Small<'_> {
    fn prelude(&self) -> Vec<(String, String)> {
        vec![("core.suho".to_owned(), self.prelude.to_owned())]
    }

    fn read(&self, _from: &str, path: &str) -> Result<(String, String), String> {
        let name = path.trim_start_matches("./");
        let found = self.files.iter().find(|(each, _)| *each == name);
        let (name, text) = found.ok_or("there is no such file")?;
        Ok(((*name).to_owned(), (*text).to_owned()))
    }

    fn features(&self) -> Option<Vec<String>> {
        None
    }
}

const PRELUDE: &str = "edition 2026

enum Size {
  small
  large(by: Int = 2)
}

record Shape {
  in name: Text
  in size: Size = small
  in sides: [Int]
}

resource shape: Shape

/// Draws.
step draw {
  /// What is drawn.
  in shape: Shape
  in times: Int = 1
  out count: Int
  out model: Model<trained>
  plan = [times]
  check times > 0
}
";

fn checked(text: &str) -> Checked {
    checked_with(text, &[])
}

fn checked_with(text: &str, files: &[(&str, &str)]) -> Checked {
    let text = format!("edition 2026\n{text}");
    check(&[("main.suho".to_owned(), text)], &Small { prelude: PRELUDE, files })
}

fn codes(checked: &Checked) -> Vec<&'static str> {
    checked.diagnostics.iter().map(|diagnostic| diagnostic.code).collect()
}

#[test]
fn a_resource_is_a_record_with_its_name_and_its_defaults() {
    let text = "shape square { sides = [1, 2 + 2] }
pipeline p(it: Shape = square) {
  draw a { shape = it with { sides = [3] } }
}
";
    let checked = checked(text);
    assert_eq!(checked.diagnostics, []);
    let pipeline = &checked.program.pipelines["p"];
    let small = Value::Variant(suho_domain::Variant {
        name: "small".to_owned(),
        fields: suho_domain::Record::new(),
    });
    let square = Value::record([
        ("name", Value::text("square")),
        ("size", small),
        ("sides", Value::List(vec![Value::Int(1), Value::Int(4)])),
    ]);
    assert_eq!(pipeline.params[0].default, Some(Expr::Value(square)));
    assert_eq!(pipeline.steps[0].inputs["times"], Expr::Value(Value::Int(1)));
    assert!(matches!(pipeline.steps[0].inputs["shape"], Expr::With(..)));
}

#[test]
fn a_step_needs_the_steps_whose_outputs_it_uses() {
    let text = "shape square { sides = [1] }
pipeline p() {
  draw b {
    shape = square with { sides = [a.count] }
  }
  draw a { shape = square }
}
";
    let checked = checked(text);
    assert_eq!(checked.diagnostics, []);
    let steps = &checked.program.pipelines["p"].steps;
    assert_eq!(steps[0].needs, [steps[1].name.clone()]);
    assert!(steps[1].needs.is_empty());
    let Expr::With(_, fields) = &steps[0].inputs["shape"] else { panic!() };
    let count = Access { field: "count".to_owned(), optional: false };
    let output = Expr::Output { step: steps[1].name.clone(), path: vec![count] };
    assert_eq!(fields["sides"], Expr::List(vec![output]));
}

#[test]
fn a_signature_says_types_phases_docs_and_conditions() {
    let library = checked("").library;
    let draw = &library.steps["draw"];
    assert_eq!(draw.doc.as_deref(), Some("Draws."));
    assert_eq!(draw.inputs[0].doc.as_deref(), Some("What is drawn."));
    assert_eq!(draw.inputs[0].ty, Type::Record("Shape".to_owned()));
    assert_eq!((draw.inputs[0].phase, draw.inputs[1].phase), (Phase::Run, Phase::Plan));
    assert_eq!(draw.outputs[1].ty, Type::Model(Stage::Trained));
    assert_eq!(draw.checks[0].text, "times > 0");
}

#[test]
fn one_mistake_makes_one_error() {
    let text = "shape square { sides = [1] }
let sides = unknown_thing
pipeline p(n: Int = sides) {
  draw a { shape = square with { sides = [n, b.count] } }
  draww b { shape = nothing_here }
}
";
    assert_eq!(codes(&checked(text)), ["unknown-name", "unknown-kind"]);
}

#[test]
fn after_twenty_five_errors_the_rest_is_counted() {
    let lines: String = (0..30).map(|n| format!("let a{n} = nothing{n}\n")).collect();
    let checked = checked(&lines);
    assert_eq!(checked.diagnostics.len(), 26);
    assert_eq!(checked.diagnostics[25].code, "more-errors");
    assert_eq!(checked.diagnostics[25].message, "5 more errors in this file");
}

#[test]
fn ten_thousand_errors_are_counted() {
    let lines: String = (0..10_000).map(|n| format!("let a{n} = = 1\n")).collect();
    let checked = checked(&lines);
    assert_eq!(checked.diagnostics.len(), 26);
    assert_eq!(checked.diagnostics[25].message, "9975 more errors in this file");
}

#[test]
fn a_file_that_uses_itself_is_a_circle() {
    let checked = checked_with("use \"./main.suho\" { a }\nlet b = a\n", &[]);
    assert_eq!(checked.diagnostics[0].code, "import");
    let way = "files use each other in a circle: `main.suho` → `main.suho`";
    assert_eq!(checked.diagnostics[0].message, way);
}

#[test]
fn a_file_that_is_used_gives_the_names_asked_for() {
    let other = "edition 2026\nshape square { sides = [4] }\n";
    let text = "use \"./other.suho\" { square as box, circle }
pipeline p(it: Shape = box) {
}
";
    let checked = checked_with(text, &[("other.suho", other)]);
    assert_eq!(codes(&checked), ["unknown-name"]);
    assert_eq!(checked.sources.len(), 3);
}

#[test]
fn files_of_other_folders_give_names_under_other_names() {
    let models = "edition 2026\nlet sides = [4]\nshape square { sides = sides }\n";
    let steps = "edition 2026\nuse \"../models/b.suho\" { square as it }\n
step fold {
  in shape: Shape = it
}
";
    let pipelines = "edition 2026
use \"../models/b.suho\" { square as box, sides }
use \"./steps/c.suho\" { bend as press }

pipeline p(it: Shape = box) {
  draw a { shape = it with { sides = sides } }
  press b { of = a.count }
  bend c { of = a.count }
}
";
    let bend = "edition 2026
step bend {
  in of: Int
  exec = shell(of)
}
";
    let files = [
        ("pipelines/a.suho", pipelines),
        ("models/b.suho", models),
        ("pipelines/steps/c.suho", bend),
        ("steps/d.suho", steps),
    ];
    let prelude = format!("{PRELUDE}\nenum Exec {{\n  shell(of: Int)\n}}\n");
    let entry = files.map(|(name, text)| (name.to_owned(), text.to_owned()));
    let checked = check(&entry, &Small { prelude: &prelude, files: &[] });
    let told: Vec<_> = checked.diagnostics.iter().map(|it| (it.file.0, &*it.message)).collect();
    let expected = [
        (0, "`bend` is a step of `pipelines/steps/c.suho`, which is not used here"),
        (3, "`step fold` needs `exec: Exec`"),
        (3, "cannot find `it`"),
    ];
    assert_eq!(told, expected);
    let steps = &checked.program.pipelines["p"].steps;
    assert_eq!((steps[1].kind.as_str(), steps[1].needs.len()), ("bend", 1));
    assert!(matches!(&steps[1].exec, Some(Expr::Variant(name, _)) if name == "shell"));
}

#[test]
fn what_only_suho_makes_no_script_gives_back() {
    let text = "edition 2026
step forge {
  out model: Model<tested>
  out count: Int
  exec = shell(1)
}
";
    let prelude = format!("{PRELUDE}\nenum Exec {{\n  shell(of: Int)\n}}\n");
    let entry = [("a.suho".to_owned(), text.to_owned())];
    let checked = check(&entry, &Small { prelude: &prelude, files: &[] });
    let told: Vec<_> = checked.diagnostics.iter().map(|it| &*it.message).collect();
    assert_eq!(told, ["`step forge` cannot give back `model: Model<tested>`: only suho makes one"]);
}

#[test]
fn files_that_use_each_other_in_a_circle_are_told_once() {
    let a = "edition 2026\nuse \"./b.suho\" { y }\nlet x = y\n";
    let b = "edition 2026\nuse \"./a.suho\" { x }\nlet y = 1\n";
    let text = "use \"./a.suho\" { x }\nlet z = x\n";
    let checked = checked_with(text, &[("a.suho", a), ("b.suho", b)]);
    assert_eq!(codes(&checked), ["import"]);
    let way = "files use each other in a circle: `a.suho` → `b.suho` → `a.suho`";
    assert_eq!(checked.diagnostics[0].message, way);
}

#[test]
fn a_file_outside_the_project_or_not_there_is_refused() {
    let checked = checked("use \"../other.suho\" { a }\nuse \"./none.suho\" { b }\n");
    assert_eq!(codes(&checked), ["import", "import"]);
    assert_eq!(checked.diagnostics[1].message, "cannot use `./none.suho`: there is no such file");
}

#[test]
fn values_that_are_made_of_each_other_are_a_circle() {
    assert_eq!(codes(&checked("let a = b\nlet b = a\n")), ["cycle"]);
}

#[test]
fn a_broken_prelude_is_our_mistake() {
    let world = Small { prelude: "edition 2026\nrecord A { in x: Nothing }\n", files: &[] };
    let checked = check(&[], &world);
    assert_eq!(codes(&checked), ["prelude"]);
    assert_eq!(checked.diagnostics[0].severity, Severity::Error);
}

#[test]
fn another_prelude_is_read_anew() {
    let mut cache = Cache::default();
    let first = Small { prelude: PRELUDE, files: &[] };
    assert!(check_with(&[], &first, &mut cache).library.steps.contains_key("draw"));
    let text = "edition 2026\nrecord Other {\n  in x: Int\n}\n";
    let second = Small { prelude: text, files: &[] };
    let library = check_with(&[], &second, &mut cache).library;
    assert!(library.steps.is_empty());
    assert_eq!(library.records.keys().collect::<Vec<_>>(), ["Other"]);
}

#[test]
fn an_environment_sets_parameters_of_pipelines() {
    let text = "pipeline p(n: Int = 1) {
}
env fast { p.n = 2 }
env slow { p.m = 2 }
";
    let checked = checked(text);
    assert_eq!(codes(&checked), ["unknown-field"]);
    let set = &checked.program.environments["fast"];
    assert_eq!(set["p.n"], Expr::Value(Value::Int(2)));
}

#[test]
fn a_pipeline_an_environment_and_the_project_are_given_once() {
    let text = "pipeline p() {\n}\npipeline p() {\n}\nenv e {\n}\nenv e {\n}\n";
    assert_eq!(codes(&checked(text)), ["duplicate", "duplicate"]);
    let other = "edition 2026\npipeline p() {\n}\n";
    let files = [("a.suho", "edition 2026\npipeline p() {\n}\n"), ("b.suho", other)];
    let entry = files.map(|(name, text)| (name.to_owned(), text.to_owned()));
    let across = check(&entry, &Small { prelude: PRELUDE, files: &[] });
    assert_eq!(codes(&across), ["duplicate"]);
    assert_eq!(across.diagnostics[0].notes[0].0, crate::FileId(0));
}

#[test]
fn an_attribute_that_cannot_be_read_is_not_missing() {
    let text = "shape square { sides: [1] }\n";
    assert_eq!(codes(&checked(text)), ["syntax"]);
}

#[test]
fn types_are_shown_as_they_are_written() {
    let model = Type::Optional(Box::new(Type::Model(Stage::Tested)));
    let list = Type::List(Box::new(Type::Enum("Layer".to_owned())));
    let map = Type::Map(Box::new(Type::Form("Symbol".to_owned())), Box::new(Type::Pips));
    let shown: Vec<String> = [model, list, map].iter().map(ToString::to_string).collect();
    assert_eq!(shown, ["Model<tested>?", "[Layer]", "Map<Symbol, Pips>"]);
}
