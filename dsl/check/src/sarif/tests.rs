use super::{sarif, uri};
use crate::diagnostic::At;
use crate::{Diagnostic, FileId};
use expect_test::expect;
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
