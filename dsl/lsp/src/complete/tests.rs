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
    check(
        &pipeline("    seed           = 42\n", "    |\n"),
        &expect![[r#"
            class_weights  class_weights: ClassWeights = even
            ensemble  ensemble: Int = 1
            label_smoothing  label_smoothing: Ratio = 0%
            seed  seed: Int = 0
            signature  signature: Artifact? = none
            tuned  tuned: Settings? = none
            weights  weights: Artifact? = none
        "#]],
    );
    let inside = pipeline("    capital = 100_000 USD\n    costs   = retail\n", "    co|\n");
    check(
        &inside,
        &expect![[r#"
        costs  costs: Costs
    "#]],
    );
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
    check(
        &model,
        &expect![[r#"
        staging.model  Model<staged>
    "#]],
    );
    let data = pipeline("    data    = data.test\n", "    data    = |\n");
    check(
        &data,
        &expect![[r#"
        data.test  Dataset<labelled>
        data.train  Dataset<labelled>
        data.validation  Dataset<labelled>
    "#]],
    );
    let features = "edition 2026\n\nuse std.ml\nuse \"./model.suho\" { momentum }\n\nmodel m {\n  features = |\n}\n";
    check(
        features,
        &expect![[r#"
        momentum  FeatureSet
    "#]],
    );
    let status = pipeline("    status = archived\n", "    status = |\n");
    check(
        &status,
        &expect![[r#"
        archived  archived
        draft  draft
    "#]],
    );
    let cache = pipeline("    seed           = 42\n", "    cache = |\n");
    check(
        &cache,
        &expect![[r#"
        false
        true
    "#]],
    );
}

#[test]
fn fields_after_a_dot() {
    check(
        &pipeline("    data    = data.test\n", "    data    = data.|\n"),
        &expect![[r#"
            bars  bars: Int
            digest  digest: Text
            dropped  dropped: DroppedBars
            embargo  embargo: Int
            feature_version  feature_version: Text
            features  features: [Column]
            folds  folds: [Fold]
            horizon  horizon: Duration
            manifest  manifest: Text
            purge  purge: Int
            quality  quality: QualityReport
            quality_checks  quality_checks: [QualityCheck]
            repaired_bars  repaired_bars: [RepairedBar]
            rows  rows: Int
            sequence  sequence: Int
            source  source: Text
            test  test: Dataset<labelled>
            train  train: Dataset<labelled>
            validation  validation: Dataset<labelled>
            warm_up  warm_up: Int
            window  window: Range<Instant>
        "#]],
    );
    let deep =
        pipeline("    timeframe = spec.target.timeframe\n", "    timeframe = spec.target.t|\n");
    check(
        &deep,
        &expect![[r#"
        horizon  horizon: Duration
        symbol  symbol: Symbol
        timeframe  timeframe: Timeframe
    "#]],
    );
    let in_text = pipeline("${leaks.summary}", "${leaks.|}");
    check(
        &in_text,
        &expect![[r#"
        checks  checks: [LeakageCheck]
        findings  findings: Int
        summary  summary: Text
        warnings  warnings: Int
    "#]],
    );
    check(
        &pipeline("adam(learning_rate: learning_rate)", "Optimizer.|"),
        &expect![[r#"
            adam  adam(learning_rate: Float = 0.001, beta1: Float = 0.9, beta2: Float = 0.999, weight_decay: Float = 0, clip_norm: Float? = none, schedule: RateSchedule = constant)
        "#]],
    );
}

#[test]
fn metrics_and_the_steps_own_attributes_in_rules() {
    check(
        &pipeline("    hold when events < min_events for 36h\n", "    hold when |\n"),
        &expect![[r#"
            accuracy  Ratio
            agreement  Ratio
            error_rate  Ratio
            events  Int
            latency  Latency
            requests  Int
            uptime  Ratio
        "#]],
    );
    let side =
        pipeline("    hold when events < min_events for 36h\n", "    hold when events < |\n");
    check(
        &side,
        &expect![[r#"
        events  Int
        min_events  Int
        requests  Int
    "#]],
    );
    check(
        &pipeline("require latency.p95 < 250ms", "require latency.|"),
        &expect![[r#"
        max  max: Duration
        p50  p50: Duration
        p90  p90: Duration
        p95  p95: Duration
        p99  p99: Duration
    "#]],
    );
    check(
        &pipeline("      accept = no_harm\n", "      accept = |\n"),
        &expect![[r#"
        no_harm  no_harm
        non_inferior  non_inferior(margin: Points)
        superior  superior
    "#]],
    );
}

#[test]
fn arguments_of_calls() {
    check(
        &pipeline("adam(learning_rate: learning_rate)", "adam(|)"),
        &expect![[r#"
            beta1  beta1: Float = 0.9
            beta2  beta2: Float = 0.999
            clip_norm  clip_norm: Float? = none
            learning_rate  learning_rate: Float = 0.001
            learning_rate  Float
            schedule  schedule: RateSchedule = constant
            weight_decay  weight_decay: Float = 0
        "#]],
    );
    let open = pipeline("patience(4, metric: val_loss)", "patience(4, |");
    check(
        &open,
        &expect![[r#"
        metric  metric: Watched = val_loss
        val_accuracy  val_accuracy
        val_loss  val_loss
    "#]],
    );
    let choice = pipeline("patience(4, metric: val_loss)", "patience(4, metric: |)");
    check(
        &choice,
        &expect![[r#"
        val_accuracy  val_accuracy
        val_loss  val_loss
    "#]],
    );
}

#[test]
fn fields_of_records() {
    check(
        &pipeline("{ missing = warn, weekend = repair }", "{ missing = warn, | }"),
        &expect![[r#"
            duplicate  duplicate: QualityAction = reject
            high_low  high_low: QualityAction = reject
            order  order: QualityAction = reject
            price  price: QualityAction = reject
            spike  spike: QualityAction = warn
            weekend  weekend: QualityAction = reject
            zero_range  zero_range: QualityAction = warn
        "#]],
    );
    check(
        &pipeline("{ missing = warn, weekend = repair }", "{ missing = | }"),
        &expect![[r#"
        reject  reject
        repair  repair
        warn  warn
    "#]],
    );
    check(
        &pipeline("{ optimizer = adam(learning_rate: learning_rate) }", "{ | }"),
        &expect![[r#"
            features  features: [Column]
            layers  layers: [Layer]
            name  name: Text
            target  target: Target
        "#]],
    );
}

#[test]
fn layers_of_a_network() {
    let list = "edition 2026\n\nuse std.ml\n\nmodel m {\n  layers = [\n    lstm(units: 3),\n    |\n  ]\n}\n";
    check(
        list,
        &expect![[r#"
            attention  attention(heads: Int, dropout: Ratio = 0%)
            conv1d  conv1d(filters: Int, kernel: Int = 3, dilation: Int = 1, activation: Activation = relu, residual: Bool = false, dropout: Ratio = 0%)
            dense  dense(units: Int, activation: Activation = relu, dropout: Ratio = 0%)
            dropout  dropout(share: Ratio)
            gru  gru(units: Int, dropout: Ratio = 0%)
            layer_norm  layer_norm
            lstm  lstm(units: Int, dropout: Ratio = 0%)
            output  output(units: Int, activation: Activation = softmax)
            positions  positions
            transformer  transformer(heads: Int, feed_forward: Int, dropout: Ratio = 0%)
        "#]],
    );
}

#[test]
fn units_after_a_number() {
    check(
        &pipeline("require error_rate < 1%", "require error_rate < 1|"),
        &expect![[r#"
        1%  Ratio: percent
        1bps  Ratio: basis points, a hundredth of a percent
    "#]],
    );
    check(
        &pipeline("every = 6h", "every = 6|"),
        &expect![[r#"
        6m  Duration: minutes
        6h  Duration: hours
        6d  Duration: days of 24 hours
        6s  Duration: seconds
        6ms  Duration: milliseconds
        6w  Duration: weeks of 7 days
        6us  Duration: microseconds
        6ns  Duration: nanoseconds
    "#]],
    );
    check(
        &pipeline("margin: 2pp", "margin: 0.5|"),
        &expect![[r#"
        0.5pp  Points: percentage points
    "#]],
    );
    check(
        &pipeline("for 36h", "for 36|"),
        &expect![[r#"
        36m  Duration: minutes
        36h  Duration: hours
        36d  Duration: days of 24 hours
        36s  Duration: seconds
        36ms  Duration: milliseconds
        36w  Duration: weeks of 7 days
        36us  Duration: microseconds
        36ns  Duration: nanoseconds
    "#]],
    );
    check(&pipeline("batch_size     = 32", "batch_size     = 32|"), &expect![[r#""#]]);
}

#[test]
fn libraries_files_and_their_names() {
    check(
        "edition 2026\n\nuse std.|\n",
        &expect![[r#"
        core
        ml
        ops
        rollout
        sim
    "#]],
    );
    check(
        "edition 2026\n\nuse \"|\"\n",
        &expect![[r#"
        ./model.suho
        ./pipeline.suho
        ./project.suho
    "#]],
    );
    check(
        "edition 2026\n\nuse \"./|\n",
        &expect![[r#"
        ./model.suho
        ./pipeline.suho
        ./project.suho
    "#]],
    );
    check(
        "edition 2026\n\nuse \"./model.suho\" { | }\n",
        &expect![[r#"
        eurusd_direction  resource: model
        momentum  resource: features
        retail  resource: costs
    "#]],
    );
    check(
        "edition 2026\n\nuse \"./model.suho\" { retail, m|\n",
        &expect![[r#"
        eurusd_direction  resource: model
        momentum  resource: features
        retail  resource: costs
    "#]],
    );
}

#[test]
fn features_where_columns_are_named() {
    let text = "edition 2026\n\nuse std.ml\n\nfeatures f {\n  columns = [\"close\", \"r|\"]\n}\n";
    let items = offered(text);
    assert_eq!(items.len(), 9);
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
    for marked in
        ["edition 2026\n// use |\n", "edition 2026\nlet a = \"te|xt\"\n", "edition 2026\nlet |\n"]
    {
        assert_eq!(labels(marked), [""; 0], "{marked}");
    }
}

#[test]
fn a_kind_comes_with_the_attributes_it_must_have() {
    let (snapshot, file, position) = cursor("edition 2026\n\npipeline p() {\n  |\n}\n");
    let items = complete(&snapshot, file, position, Insert::Snippet);
    let evaluate = items.iter().find(|item| item.label == "evaluate").unwrap();
    expect![[r#"
        evaluate ${1:name} {
          model = $2
          data  = $3
          $0
        }"#]]
    .assert_eq(evaluate.insert_text.as_ref().unwrap());
}

#[test]
fn everywhere_in_a_pipeline_there_is_an_answer() {
    let text = pipeline("\n  calendar = fx\n", "\n  calendar = fx // \u{1F980}\n");
    let stops: Vec<usize> = text.char_indices().map(|(at, _)| at).step_by(911).collect();
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

/// A project of operations around the quickstart, with `marked` at its end.
fn operations(marked: &str) -> String {
    let head = "edition 2026\n\nuse std.ml\nuse std.ops\nuse std.sim\nuse \"./pipeline.suho\" { quickstart }\n\n\
                channel desk {\n  to = log()\n}\n\nmonitor prod {\n  model = production(\"m\")\n\n  \
                alert slow {\n    fire when latency.p95 > 500ms\n  }\n}\n\n";
    format!("{head}{marked}")
}

#[test]
fn operations_and_tests() {
    let cases = [
        ("monitor other {\n  |\n}\n", "model every alert drift"),
        (
            "monitor other {\n  alert a {\n    |\n  }\n}\n",
            "severity notify fire resolve min_events",
        ),
        ("monitor other {\n  alert a {\n    fire when |\n  }\n}\n", "accuracy latency reference"),
        ("monitor other {\n  alert a {\n    severity = |\n  }\n}\n", "critical warning info"),
        ("monitor other {\n  alert a {\n    notify = [|]\n  }\n}\n", "desk"),
        (
            "monitor other {\n  alert a {\n    fire when accuracy < reference.|\n  }\n}\n",
            "accuracy",
        ),
        ("trigger t {\n  |\n}\n", "on run cooldown catch_up"),
        ("trigger t {\n  on = |\n}\n", "fired cron manual push"),
        ("trigger t {\n  on = fired(prod.|)\n}\n", "slow"),
        ("trigger t {\n  run = |\n}\n", "quickstart"),
        ("trigger t {\n  run = quickstart(|)\n}\n", "spec learning_rate share"),
        ("trigger t {\n  on  = manual(ask: [|])\n  run = quickstart()\n}\n", "spec share"),
        ("matrix m {\n  run = quickstart()\n  axes = { | }\n}\n", "spec share"),
        ("matrix m {\n  |\n}\n", "run axes exclude parallel"),
        ("env prod {\n  |\n}\n", "registry quickstart.share"),
        ("env prod {\n  quickstart.|\n}\n", "share learning_rate"),
        ("test \"x\" {\n  |\n}\n", "run given expect invariant"),
        ("test \"x\" {\n  run = quickstart()\n  given |\n}\n", "tenth baseline quality"),
        ("test \"x\" {\n  run = quickstart()\n  given tenth.live.|\n}\n", "accuracy latency"),
        ("test \"x\" {\n  run = quickstart()\n  given quality.|\n}\n", "accuracy"),
        ("test \"x\" {\n  run = quickstart()\n  expect |\n}\n", "tenth run traffic notified"),
        ("test \"x\" {\n  run = quickstart()\n  expect tenth == |\n}\n", "rolled_back succeeded"),
        ("secret s: Text = |\n", "env vault file k8s"),
    ];
    for (marked, wanted) in cases {
        let offered = labels(&operations(marked));
        for word in wanted.split_whitespace() {
            assert!(offered.iter().any(|label| label == word), "{word} in {marked}: {offered:?}");
        }
    }
}

#[test]
fn a_new_parameter_is_given_a_name_and_offered_none() {
    for marked in ["pipeline p(|)", "pipeline p(a: Int, |)", "pipeline p(a: Int, b|) {\n}\n"] {
        assert_eq!(labels(&format!("edition 2026\n\n{marked}")), [""; 0], "{marked}");
    }
    let defaults = labels("edition 2026\n\npipeline p(a: Bool = |) {\n}\n");
    assert!(defaults.contains(&"true".to_owned()), "{defaults:?}");
}

#[test]
fn what_is_only_begun_is_completed() {
    let cases = [
        ("edition 2026\nuse |\n", "std.ml std.ops"),
        ("edition 2026\nuse std.|\n", "ml ops"),
        ("edition 2026\nuse std.ml\nuse std.|\n\npipeline p() {\n}\n", "ml ops"),
        ("edition 2026\n\npipeline p() {\n  on |\n}\n", "rollback failure cancel"),
        ("edition 2026\n\n@|\nstep s {\n}\n", "deprecated"),
    ];
    for (marked, wanted) in cases {
        let offered = labels(marked);
        for word in wanted.split_whitespace() {
            assert!(offered.iter().any(|label| label == word), "{word} in {marked}: {offered:?}");
        }
    }
}
