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

#[test]
fn nothing_where_there_is_nothing_to_say() {
    check("  // The model that", "  // The |model that", &expect!["None"]);
}
