use super::{Insert, complete};
use crate::tests::{cursor, pipeline};
use expect_test::{Expect, expect};
use lsp_types::{CompletionItem, CompletionTextEdit};

fn offered(marked: &str) -> Vec<CompletionItem> {
    let (snapshot, file, position) = cursor(marked);
    let mut items = complete(&snapshot, file, position, Insert::Plain);
    items.sort_by(|a, b| a.sort_text.cmp(&b.sort_text));
    items
}

/// The labels of what fits best, with their details.
fn check(marked: &str, expected: &Expect) {
    let items = offered(marked);
    let best = items.first().and_then(|item| item.sort_text.as_ref()?.chars().next());
    let first = items
        .iter()
        .filter(|item| item.sort_text.as_ref().and_then(|text| text.chars().next()) == best);
    let lines = first.map(|item| match &item.detail {
        Some(detail) => format!("{}  {detail}\n", item.label),
        None => format!("{}\n", item.label),
    });
    expected.assert_eq(&lines.collect::<String>());
}

fn labels(marked: &str) -> Vec<String> {
    offered(marked).into_iter().map(|item| item.label).collect()
}

#[test]
fn attributes_of_a_block_that_it_must_have() {
    check(&pipeline("    seed           = 42\n", "    |\n"), &expect![[r#""#]]);
    let inside = pipeline("    capital = 100_000 USD\n    costs   = retail\n", "    co|\n");
    check(&inside, &expect![[r#""#]]);
}

#[test]
fn rules_are_offered_where_the_kind_has_them() {
    let offered = labels(&pipeline("    require uptime >= 99.9%\n", "    |\n"));
    for verb in ["require", "rollback", "hold", "compare"] {
        assert!(offered.contains(&verb.to_owned()), "{verb}: {offered:?}");
    }
    let offered = labels(&pipeline("    warmup   = 100\n", "    |\n"));
    assert!(!offered.contains(&"require".to_owned()), "{offered:?}");
}

#[test]
fn steps_in_a_pipeline_and_resources_outside() {
    let inside = labels(&pipeline("  on failure {\n    status = archived\n  }\n", "  |\n"));
    for kind in ["train", "gate", "canary", "on rollback", "let", "deadline"] {
        assert!(inside.contains(&kind.to_owned()), "{kind}: {inside:?}");
    }
    assert!(!inside.contains(&"project".to_owned()));
    let outside = labels("edition 2026\n\n|\n");
    for kind in ["pipeline", "model", "features", "use", "project"] {
        assert!(outside.contains(&kind.to_owned()), "{kind}: {outside:?}");
    }
    assert!(!outside.contains(&"train".to_owned()));
}

#[test]
fn values_of_the_type_expected_come_first() {
    let model = pipeline("    model      = staging.model\n", "    model = |\n");
    check(&model, &expect![[r#""#]]);
    let data = pipeline("    data    = data.test\n", "    data    = |\n");
    check(&data, &expect![[r#""#]]);
    let features = "edition 2026\n\nuse std.ml\nuse \"./model.suho\" { momentum }\n\nmodel m {\n  features = |\n}\n";
    check(features, &expect![[r#""#]]);
    let status = pipeline("    status = archived\n", "    status = |\n");
    check(&status, &expect![[r#""#]]);
    let cache = pipeline("    seed           = 42\n", "    cache = |\n");
    check(&cache, &expect![[r#""#]]);
}

#[test]
fn fields_after_a_dot() {
    check(&pipeline("    data    = data.test\n", "    data    = data.|\n"), &expect![[r#""#]]);
    let deep =
        pipeline("    timeframe = spec.target.timeframe\n", "    timeframe = spec.target.t|\n");
    check(&deep, &expect![[r#""#]]);
    let in_text = pipeline("${leaks.summary}", "${leaks.|}");
    check(&in_text, &expect![[r#""#]]);
    check(&pipeline("adam(learning_rate: learning_rate)", "Optimizer.|"), &expect![[r#""#]]);
}

#[test]
fn metrics_and_the_steps_own_attributes_in_rules() {
    check(
        &pipeline("    hold when events < min_events for 36h\n", "    hold when |\n"),
        &expect![[r#""#]],
    );
    let side =
        pipeline("    hold when events < min_events for 36h\n", "    hold when events < |\n");
    check(&side, &expect![[r#""#]]);
    check(&pipeline("require latency.p95 < 250ms", "require latency.|"), &expect![[r#""#]]);
    check(&pipeline("      accept = no_harm\n", "      accept = |\n"), &expect![[r#""#]]);
}

#[test]
fn arguments_of_calls_and_fields_of_records() {
    check(&pipeline("adam(learning_rate: learning_rate)", "adam(|)"), &expect![[r#""#]]);
    let open = pipeline("patience(4, metric: val_loss)", "patience(4, |");
    check(&open, &expect![[r#""#]]);
    let choice = pipeline("patience(4, metric: val_loss)", "patience(4, metric: |)");
    check(&choice, &expect![[r#""#]]);
    check(
        &pipeline("{ missing = warn, weekend = repair }", "{ missing = warn, | }"),
        &expect![[r#""#]],
    );
    check(&pipeline("{ missing = warn, weekend = repair }", "{ missing = | }"), &expect![[r#""#]]);
    check(
        &pipeline("{ optimizer = adam(learning_rate: learning_rate) }", "{ | }"),
        &expect![[r#""#]],
    );
    let list = "edition 2026\n\nuse std.ml\n\nmodel m {\n  layers = [\n    lstm(units: 3),\n    |\n  ]\n}\n";
    check(list, &expect![[r#""#]]);
}

#[test]
fn units_after_a_number() {
    check(&pipeline("require error_rate < 1%", "require error_rate < 1|"), &expect![[r#""#]]);
    check(&pipeline("every = 6h", "every = 6|"), &expect![[r#""#]]);
    check(&pipeline("margin: 2pp", "margin: 0.5|"), &expect![[r#""#]]);
    check(&pipeline("for 36h", "for 36|"), &expect![[r#""#]]);
    check(&pipeline("batch_size     = 32", "batch_size     = 32|"), &expect![[r#""#]]);
}

#[test]
fn libraries_files_and_their_names() {
    check("edition 2026\n\nuse std.|\n", &expect![[r#""#]]);
    check("edition 2026\n\nuse \"|\"\n", &expect![[r#""#]]);
    check("edition 2026\n\nuse \"./|\n", &expect![[r#""#]]);
    check("edition 2026\n\nuse \"./model.suho\" { | }\n", &expect![[r#""#]]);
    check("edition 2026\n\nuse \"./model.suho\" { retail, m|\n", &expect![[r#""#]]);
}

#[test]
fn features_where_columns_are_named() {
    let text = "edition 2026\n\nuse std.ml\n\nfeatures f {\n  columns = [\"close\", \"r|\"]\n}\n";
    let items = offered(text);
    assert_eq!(items.len(), 8);
    let Some(CompletionTextEdit::Edit(edit)) = &items[0].text_edit else { panic!("{items:?}") };
    assert_eq!((edit.range.start.character, edit.range.end.character), (23, 24));
}

#[test]
fn types_where_a_type_is_written() {
    let types = labels("edition 2026\n\nuse std.ml\n\npipeline p(spec: |) {\n}\n");
    for ty in ["ModelSpec", "Ratio", "Range", "Bump"] {
        assert!(types.contains(&ty.to_owned()), "{ty}");
    }
}

#[test]
fn nothing_in_comments_texts_and_names() {
    for marked in [
        "edition 2026\n// use |\n",
        "edition 2026\nlet a = \"te|xt\"\n",
        "edition 2026\nlet |\n",
        "edition 2026\npipeline p(|) {\n}\n",
    ] {
        assert_eq!(labels(marked), [""; 0], "{marked}");
    }
}

#[test]
fn a_kind_comes_with_the_attributes_it_must_have() {
    let (snapshot, file, position) = cursor("edition 2026\n\npipeline p() {\n  |\n}\n");
    let items = complete(&snapshot, file, position, Insert::Snippet);
    let evaluate = items.iter().find(|item| item.label == "evaluate").unwrap();
    expect![[r#""#]].assert_eq(evaluate.insert_text.as_ref().unwrap());
}

#[test]
fn everywhere_in_a_pipeline_there_is_an_answer() {
    let text = pipeline("\n  calendar = fx\n", "\n  calendar = fx // \u{1F980}\n");
    let stops: Vec<usize> = text.char_indices().map(|(at, _)| at).step_by(97).collect();
    for at in stops {
        let (before, after) = text.split_at(at);
        // Both in a whole text and in one that ends where the cursor is.
        for marked in [[before, "|", after].concat(), [before, "|"].concat()] {
            let (snapshot, file, position) = cursor(&marked);
            complete(&snapshot, file, position, Insert::Snippet);
            crate::signature_help(&snapshot, file, position);
            crate::hover(&snapshot, file, position);
        }
    }
}
