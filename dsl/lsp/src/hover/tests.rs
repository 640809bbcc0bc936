use super::hover;
use crate::tests::{cursor, pipeline};
use expect_test::{Expect, expect};
use lsp_types::HoverContents;

fn check(old: &str, marked: &str, expected: &Expect) {
    let (snapshot, file, position) = cursor(&pipeline(old, marked));
    let text = match hover(&snapshot, file, position).map(|hover| hover.contents) {
        Some(HoverContents::Markup(markup)) => markup.value,
        other => format!("{other:?}"),
    };
    expected.assert_eq(&text);
}

#[test]
fn an_attribute_with_its_type_default_words_and_value() {
    check(
        "batch_size     = 32",
        "batch_|size     = 32",
        &expect![[r#"
        ```suho
        batch_size: Int = 32
        ```

        How many rows a move of the weights looks at.

        Of `train`.

        Must be known when planning.

        Here, known when planning: `32`
    "#]],
    );
    check(
        "steps = [10%, 25%, 50%, 100%]",
        "st|eps = [10%, 25%, 50%, 100%]",
        &expect![[r#"
        ```suho
        steps: [Ratio] = [10%, 25%, 50%, 100%]
        ```

        The shares, one after the other. The hold at 100% is the bake.

        Of `ramp`.

        Must be known when planning.

        Here, known when planning: `[10%, 25%, 50%, 100%]`
    "#]],
    );
}

#[test]
fn an_attribute_that_is_known_later() {
    check(
        "data    = data.test",
        "da|ta    = data.test",
        &expect![[r#"
        ```suho
        data: Dataset<labelled>
        ```

        The rows it is judged by.

        Of `evaluate`.

        Here, known once `data` has ended.
    "#]],
    );
}

#[test]
fn a_metric_with_its_direction_and_domain() {
    check(
        "require uptime >=",
        "require up|time >=",
        &expect![[r#"
        ```suho
        metric uptime: Ratio
        ```

        The share of probes that were answered.

        More is better.

        It lies in 0% .. 100%.
    "#]],
    );
    check(
        "bt.max_drawdown < 20%",
        "bt.max_draw|down < 20%",
        &expect![[r#"
            ```suho
            max_drawdown: Ratio
            ```

            The deepest fall from a peak.

            Of `backtest`.

            Less is better.

            It lies in 0% .. 100%.
        "#]],
    );
}

#[test]
fn kinds_choices_and_types() {
    check(
        "  ramp rollout {",
        "  ra|mp rollout {",
        &expect![[r#"
        ```suho
        step ramp {
          in model: Model<canaried>
          in steps: [Ratio] = [10%, 25%, 50%, 100%]
          in every: Duration = 6h
          out model: Model<ramped>
        }
        ```

        Gives `model` more of the traffic, step by step, until it has all of it.
    "#]],
    );
    check(
        "patience(4",
        "pat|ience(4",
        &expect![[r#"
        ```suho
        EarlyStopping.patience(epochs: Int, metric: Watched = val_loss)
        ```

        After so many epochs without a better `metric`; the best epoch's weights are kept.
    "#]],
    );
    check(
        "spec: ModelSpec",
        "spec: Mod|elSpec",
        &expect![[r#"
        ```suho
        record ModelSpec
        ```

        Everything that makes a model, but for its data.
    "#]],
    );
}

#[test]
fn functions_literals_and_words_of_the_language() {
    check(
        "next(baseline)",
        "ne|xt(baseline)",
        &expect![[r#"
        ```suho
        next(model: Model<production>?, bump: Bump = auto) -> Version
        ```

        The version after the one in production.
    "#]],
    );
    check(
        "every = 6h",
        "every = 6|h",
        &expect![[r#"
        ```suho
        Duration
        ```
    "#]],
    );
    check(
        "hold when events",
        "ho|ld when events",
        &expect![[r#"
        ```suho
        hold
        ```

        Stops the clock while its condition holds.
    "#]],
    );
    check(
        "  on rollback {",
        "  on roll|back {",
        &expect![[r#"
        ```suho
        on
        ```

        What is done when a run goes wrong: `rollback`, `failure`, `cancel`.
    "#]],
    );
}

#[test]
fn names_with_what_their_author_says_of_them() {
    check(
        "costs   = retail",
        "costs   = re|tail",
        &expect![[r#"
        ```suho
        resource: costs
        ```

        What trading EUR/USD costs: a stated assumption, not a market fact.
    "#]],
    );
    check(
        "model      = staging.model",
        "model      = sta|ging.model",
        &expect![[r#"
        ```suho
        step: shadow
        ```

        Mirrors live requests to `model`; `against` answers them.
    "#]],
    );
    check(
        "optimizer = adam(learning_rate: learning_rate)",
        "optimizer = adam(learning_rate: learn|ing_rate)",
        &expect![[r#"
            ```suho
            learning_rate: Float = 0.001
            ```

            A parameter of `here`.
        "#]],
    );
}

/// What is shown at the cursor of `marked`, each paragraph one line.
fn shown(marked: &str) -> String {
    let head = "edition 2026\n\nuse std.ml\nuse std.ops\nuse std.sim\n\
                use \"./pipeline.suho\" { quickstart }\n\n";
    let (snapshot, file, position) = cursor(&format!("{head}{marked}"));
    match hover(&snapshot, file, position).map(|hover| hover.contents) {
        Some(HoverContents::Markup(markup)) => {
            markup.value.replace("```suho\n", "").replace("\n```", "").replace("\n\n", " | ")
        }
        other => format!("{other:?}\n"),
    }
}

#[test]
fn operations_and_tests() {
    let lines = [
        "mon|itor prod {\n  model = production(\"m\")\n}\n",
        "monitor prod {\n  mo|del = production(\"m\")\n}\n",
        "monitor prod {\n  alert a {\n    fi|re when latency.p95 > 1s\n  }\n}\n",
        "monitor prod {\n  alert a {\n    fire when la|tency.p95 > 1s\n  }\n}\n",
        "monitor prod {\n  alert a {\n    fire when accuracy < ref|erence.accuracy\n  }\n}\n",
        "monitor prod {\n  alert a {\n    fire when accuracy < reference.acc|uracy\n  }\n}\n",
        "monitor prod {\n  drift d {\n    te|st = ks(q: 5%)\n  }\n}\n",
        "trigger t {\n  on  = cr|on(\"0 3 * * *\")\n  run = quickstart()\n}\n",
        "trigger t {\n  on  = cron(\"0 3 * * *\")\n  run = quick|start(share: 5%)\n}\n",
        "trigger t {\n  on  = cron(\"0 3 * * *\")\n  run = quickstart(sh|are: 5%)\n}\n",
        "matrix m {\n  run  = quickstart()\n  ax|es = { share = [5%] }\n}\n",
        "matrix m {\n  run  = quickstart()\n  axes = { sha|re = [5%] }\n}\n",
        "env prod {\n  quickstart.sha|re = 5%\n}\n",
        "test \"x\" {\n  run = quickstart()\n  given te|nth.live.error_rate = 9%\n}\n",
        "test \"x\" {\n  run = quickstart()\n  given tenth.live.err|or_rate = 9%\n}\n",
        "test \"x\" {\n  run = quickstart()\n  exp|ect tenth == rolled_back\n}\n",
        "test \"x\" {\n  run = quickstart()\n  expect tenth == rolled|_back\n}\n",
        "test \"x\" {\n  run = quickstart()\n  invariant max_|traffic(candidate.model) == 0%\n}\n",
    ];
    let lines: String = lines.iter().map(|marked| shown(marked)).collect();
    expect![[r#"
        monitor | Watches the model in production: alerts, and looks for drift.
        model: Served | The model watched. | Of `monitor`. | Here, known when planning: `production(name: m, scope: platform, symbol: none, timeframe: none)`
        fire | Fires the alert when its condition holds.
        metric latency: Latency | The time from a request to its answer. | Less is better.
        reference | What was measured when the model was promoted.
        metric accuracy: Ratio | The share of rows whose class was predicted. | More is better. | It lies in 0% .. 100%.
        test: DriftTest = ks(alpha: 5%, correction: none, method: calibrated, min_effect: 0.15, q: 5%) | How it is asked. | Of `drift`. | Here, known when planning: `ks(alpha: 5%, correction: none, method: calibrated, min_effect: 0.15, q: 5%)`
        Cause.cron(schedule: Cron, timezone: Zone? = none, days: Days = every) | The time; on a clock of the project's zone if not set.
        pipeline quickstart(spec: ModelSpec = { classes = [down, flat, up], family = lstm, features = [close, rsi_14, macd_histogram, bb_percent_b, atr_14, volume_ratio, adx_14, stoch_k], label = vol_scaled(k: 0.43, window: 100), layers = [lstm(dropout: 20%, units: 32), lstm(dropout: 20%, units: 16), dense(activation: relu, dropout: 0%, units: 16), output(activation: softmax, units: 3)], loss = categorical_crossentropy, name = eurusd_direction, optimizer = adam(beta1: 0.9, beta2: 0.999, clip_norm: none, learning_rate: 0.001, schedule: constant, weight_decay: 0), sequence = 60, target = { horizon = 4h, symbol = EUR/USD, timeframe = 1h } }, learning_rate: Float = 0.001, share: Ratio = 10%) | Trains a direction model on real EUR/USD bars, proves it, and walks it to production.
        share: Ratio = 10% | A parameter of `quickstart`.
        axes: Json | Parameters, each with the values it takes: every combination is a run. | Of `matrix`.
        share: Ratio = 10% | A parameter of `quickstart`.
        share: Ratio = 10% | A parameter of `quickstart`.
        step: canary | Gives `model` a `share` of live requests for `duration`, then decides.
        metric error_rate: Ratio | The share of requests that were not answered. | Less is better. | It lies in 0% .. 100%.
        expect | What a test expects.
        End.rolled_back | Taken back.
        max_traffic(model) -> Ratio | The most traffic that a model ever had.
    "#]].assert_eq(&lines);
}

#[test]
fn nothing_where_there_is_nothing_to_say() {
    check("  // The model that", "  // The |model that", &expect!["None"]);
}
