use super::{sarif, uri};
use crate::diagnostic::At;
use crate::{Cache, Diagnostic, FileId, World, check_with};
use expect_test::expect;
use serde_json::{Value as Json, json};
use suho_syntax::ast::Span;

#[test]
fn a_diagnostic_is_a_result_with_its_rule_places_and_fixes() {
    let sources =
        [("a b.suho".to_owned(), "é = 5%\nx\n".to_owned()), ("b.suho".to_owned(), String::new())];
    let at = |file, start, end| At::new(FileId(file), Span { start, end });
    let found = Diagnostic::warning("noisy-rule", at(0, 5, 7), "`5%` is noisy")
        .label("few labels")
        .note(at(1, 0, 0), "from here")
        .help("in words")
        .fix("write `5pp`", Span { start: 6, end: 7 }, "pp");
    let log = sarif(&[found], &sources, "1.0.0");
    let rules = log["runs"][0]["tool"]["driver"]["rules"].as_array().unwrap();
    assert_eq!((rules.len(), rules[0]["id"].as_str()), (1, Some("noisy-rule")));
    assert_eq!(rules[0]["shortDescription"]["text"], "A rollback on few labels");
    let result = &log["runs"][0]["results"][0];
    let told =
        ["ruleId", "ruleIndex", "level", "message", "locations", "relatedLocations", "fixes"];
    let told = told.map(|name| format!("{name}: {}\n", result[name])).concat();
    expect![[r#"
        ruleId: "noisy-rule"
        ruleIndex: 0
        level: "warning"
        message: {"text":"`5%` is noisy: few labels\nhelp: in words"}
        locations: [{"physicalLocation":{"artifactLocation":{"uri":"a%20b.suho","uriBaseId":"%SRCROOT%"},"region":{"endColumn":7,"endLine":1,"startColumn":5,"startLine":1}}}]
        relatedLocations: [{"id":0,"message":{"text":"from here"},"physicalLocation":{"artifactLocation":{"uri":"b.suho","uriBaseId":"%SRCROOT%"},"region":{"endColumn":1,"endLine":1,"startColumn":1,"startLine":1}}}]
        fixes: [{"artifactChanges":[{"artifactLocation":{"uri":"a%20b.suho","uriBaseId":"%SRCROOT%"},"replacements":[{"deletedRegion":{"endColumn":7,"endLine":1,"startColumn":6,"startLine":1},"insertedContent":{"text":"pp"}}]}],"description":{"text":"write `5pp`"}}]
    "#]].assert_eq(&told);
}

#[test]
fn a_log_without_results_is_whole() {
    expect![[r#"{"$schema":"https://json.schemastore.org/sarif-2.1.0.json","runs":[{"columnKind":"unicodeCodePoints","results":[],"tool":{"driver":{"name":"suho","rules":[],"version":"1.0.0"}}}],"version":"2.1.0"}"#]].assert_eq(&sarif(&[], &[], "1.0.0").to_string());
}

#[test]
fn paths_are_written_as_uris() {
    assert_eq!(uri("pipelines/fx_lstm.suho"), "pipelines/fx_lstm.suho");
    assert_eq!(uri("a b/é%.suho"), "a%20b/%C3%A9%25.suho");
}

/// What SARIF 2.1.0 says of each object that a log of ours holds: what it must have, what it may
/// have of that which we write. None may have anything else.
///
/// An excerpt, by hand, of the constraints of the specification's schema
/// (`sarif-schema-2.1.0.json`, OASIS), which is too large to be kept here for one test.
const OBJECTS: [(&str, &[&str], &[&str]); 15] = [
    ("log", &["version", "runs"], &["$schema"]),
    ("run", &["tool"], &["columnKind", "results"]),
    ("tool", &["driver"], &[]),
    ("driver", &["name"], &["version", "rules"]),
    ("rule", &["id"], &["shortDescription", "help"]),
    ("text", &["text"], &["markdown"]),
    (
        "result",
        &["message"],
        &["ruleId", "ruleIndex", "level", "locations", "relatedLocations", "fixes"],
    ),
    ("location", &[], &["id", "message", "physicalLocation"]),
    ("physicalLocation", &["artifactLocation"], &["region"]),
    ("artifactLocation", &[], &["uri", "uriBaseId"]),
    ("region", &[], &["startLine", "startColumn", "endLine", "endColumn"]),
    ("fix", &["artifactChanges"], &["description"]),
    ("artifactChange", &["artifactLocation", "replacements"], &[]),
    ("replacement", &["deletedRegion"], &["insertedContent"]),
    ("content", &[], &["text"]),
];

/// What stands where: the object it is in, its name there, what it is.
const PARTS: [(&str, &str, &str); 19] = [
    ("log", "runs", "run"),
    ("run", "tool", "tool"),
    ("run", "results", "result"),
    ("tool", "driver", "driver"),
    ("driver", "rules", "rule"),
    ("rule", "shortDescription", "text"),
    ("rule", "help", "text"),
    ("result", "message", "text"),
    ("result", "locations", "location"),
    ("result", "relatedLocations", "location"),
    ("result", "fixes", "fix"),
    ("location", "message", "text"),
    ("location", "physicalLocation", "physicalLocation"),
    ("physicalLocation", "artifactLocation", "artifactLocation"),
    ("physicalLocation", "region", "region"),
    ("fix", "artifactChanges", "artifactChange"),
    ("artifactChange", "artifactLocation", "artifactLocation"),
    ("artifactChange", "replacements", "replacement"),
    ("fix", "description", "text"),
];

/// Why `json` is no `kind` of SARIF's; nothing where it is one.
fn wrong(kind: &str, json: &Json) -> Vec<String> {
    let Some((_, needed, may)) = OBJECTS.iter().find(|(name, ..)| *name == kind) else {
        return vec![format!("no `{kind}` is known")];
    };
    let Some(fields) = json.as_object() else { return vec![format!("{kind} is {json}")] };
    let mut wrong: Vec<String> = Vec::new();
    wrong.extend(
        needed
            .iter()
            .filter(|it| !fields.contains_key(**it))
            .map(|it| format!("{kind} lacks {it}")),
    );
    for (name, value) in fields {
        let known = needed.contains(&&**name) || may.contains(&&**name);
        let part = match name.as_str() {
            "deletedRegion" => Some("region"),
            "insertedContent" => Some("content"),
            name => PARTS.iter().find(|(of, it, _)| *of == kind && *it == name).map(|it| it.2),
        };
        let is_number = |least: i64| value.as_i64().is_some_and(|value| value >= least);
        let fits = known
            && match (name.as_str(), part, value) {
                ("version", ..) if kind == "log" => value == "2.1.0",
                ("level", ..) => ["none", "note", "warning", "error"].iter().any(|it| value == it),
                ("columnKind", ..) => value == "utf16CodeUnits" || value == "unicodeCodePoints",
                ("ruleIndex" | "id", ..) if value.is_number() => is_number(-1),
                ("startLine" | "startColumn" | "endLine" | "endColumn", ..) => is_number(1),
                ("artifactChanges" | "replacements", Some(part), Json::Array(items)) => {
                    wrong.extend(items.iter().flat_map(|item| self::wrong(part, item)));
                    !items.is_empty()
                }
                (_, Some(part), Json::Array(items)) => {
                    wrong.extend(items.iter().flat_map(|item| self::wrong(part, item)));
                    true
                }
                (_, Some(part), value) => {
                    wrong.extend(self::wrong(part, value));
                    true
                }
                // A reference to a resource, relative to the project's root: nothing to be escaped.
                ("uri", None, Json::String(uri)) => {
                    uri.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~/%".contains(&b))
                }
                (_, None, value) => value.is_string(),
            };
        if !fits {
            wrong.push(format!("{kind}.{name} is {value}"));
        }
    }
    wrong
}

/// The library as it is.
struct Library;

impl World for Library {
    fn prelude(&self) -> Vec<(String, String)> {
        files("stdlib/prelude")
    }

    fn read(&self, _from: &str, _path: &str) -> Result<(String, String), String> {
        Err("there is no such file".to_owned())
    }

    fn features(&self) -> Option<Vec<String>> {
        None
    }
}

/// The `.suho` files of a folder of the repository, name and text.
fn files(folder: &str) -> Vec<(String, String)> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(folder);
    let mut paths: Vec<_> = folder.read_dir().unwrap().map(|it| it.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|kind| kind == "suho"));
    paths.sort();
    let name = |path: &std::path::PathBuf| path.file_name().unwrap().to_str().unwrap().to_owned();
    paths.iter().map(|path| (name(path), std::fs::read_to_string(path).unwrap())).collect()
}

#[test]
fn a_log_of_every_mistake_of_the_corpus_is_as_the_standard_says() {
    let mut cache = Cache::default();
    let mut told = std::collections::BTreeSet::new();
    for (name, text) in files("tests/lang") {
        let sources = [(format!("übung 1/{name}"), text)];
        let checked = check_with(&sources, &Library, &mut cache);
        let log = sarif(&checked.diagnostics, &checked.sources, "1.0.0");
        assert_eq!(wrong("log", &log), [""; 0], "{name}");
        told.extend(checked.diagnostics.iter().map(|found| found.code));
        for result in log["runs"][0]["results"].as_array().unwrap() {
            let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
            assert_eq!(log["runs"][0]["tool"]["driver"]["rules"][index]["id"], result["ruleId"]);
        }
    }
    assert!(told.len() > 20, "{told:?}");
}

#[test]
fn what_is_no_log_is_seen() {
    let log = sarif(&[], &[], "1.0.0");
    let changed = |change: &dyn Fn(&mut Json)| {
        let mut log = log.clone();
        change(&mut log);
        wrong("log", &log)
    };
    assert_eq!(changed(&|_| {}), [""; 0]);
    assert_eq!(changed(&|log| log["version"] = json!("2.0.0")), ["log.version is \"2.0.0\""]);
    assert_eq!(changed(&|log| log["runs"][0]["tol"] = json!(1)), ["run.tol is 1"]);
    let result = json!({ "message": { "text": "x" }, "level": "fatal", "fixes": [{}] });
    let told = changed(&|log| log["runs"][0]["results"] = json!([result]));
    assert_eq!(told, ["fix lacks artifactChanges", "result.level is \"fatal\""]);
}
