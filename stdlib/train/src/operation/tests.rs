use std::fmt::Write as _;

use expect_test::expect;

use super::*;

/// Operations with what stands inside them, a line each.
fn listed(operations: &[Operation], depth: usize, text: &mut String) {
    for Operation { name, kind } in operations {
        let indent = "  ".repeat(depth);
        match kind {
            Kind::Residual(inside) => {
                writeln!(text, "{indent}{name}:").unwrap();
                listed(inside, depth + 1, text);
            }
            kind => writeln!(text, "{indent}{name}: {kind:?}").unwrap(),
        }
    }
}

fn text(layers: &[Layer]) -> String {
    let mut text = String::new();
    listed(&operations(layers, 4), 0, &mut text);
    text
}

const OUTPUT: Layer = Layer::Output { units: 3, activation: Activation::Softmax };

#[test]
fn only_the_last_bar_goes_on_as_soon_as_nobody_asks_for_the_others() {
    let layers = [
        Layer::Gru { units: 6, dropout: 0.1 },
        Layer::Lstm { units: 5, dropout: 0.1 },
        Layer::LayerNorm {},
        Layer::Dropout { share: 0.2 },
        Layer::Dense { units: 2, activation: Activation::Tanh, dropout: 0.3 },
        OUTPUT,
    ];
    expect![[r#"
        gru_0: Recurrent { cell: Gru, inputs: 4, units: 6 }
        gru_0.dropout: Dropout { share: 0.1, site: 0, width: 6 }
        lstm_0: Recurrent { cell: Lstm, inputs: 6, units: 5 }
        lstm_0.last: Last { width: 5 }
        lstm_0.dropout: Dropout { share: 0.1, site: 1, width: 5 }
        layer_norm_0: Norm { width: 5 }
        dropout_0.dropout: Dropout { share: 0.2, site: 2, width: 5 }
        dense_0: Dense { inputs: 5, units: 2 }
        dense_0.activated: Activate(Tanh)
        dense_0.dropout: Dropout { share: 0.3, site: 3, width: 2 }
        output: Dense { inputs: 2, units: 3 }
    "#]]
    .assert_eq(&text(&layers));
    expect![[r#"
        window.last: Last { width: 4 }
        output: Dense { inputs: 4, units: 3 }
    "#]]
    .assert_eq(&text(&[OUTPUT]));
}

#[test]
fn a_block_is_its_parts() {
    let layers = [
        Layer::Conv1d {
            filters: 4,
            kernel: 3,
            dilation: 2,
            activation: Activation::Relu,
            residual: true,
            dropout: 0.0,
        },
        Layer::Positions {},
        Layer::Attention { heads: 2, dropout: 0.1 },
        Layer::Transformer { heads: 2, feed_forward: 8, dropout: 0.1 },
        OUTPUT,
    ];
    expect![[r#"
        conv1d_0.added:
          conv1d_0: Conv { inputs: 4, filters: 4, kernel: 3, dilation: 2 }
          conv1d_0.activated: Activate(Relu)
        positions_0: Positions { width: 4 }
        attention_0.added:
          attention_0: Attention { width: 4, heads: 2 }
          attention_0.dropout: Dropout { share: 0.1, site: 0, width: 4 }
        transformer_0.attended.added:
          transformer_0.norm_0: Norm { width: 4 }
          transformer_0.attention: Attention { width: 4, heads: 2 }
          transformer_0.dropout_0: Dropout { share: 0.1, site: 1, width: 4 }
        transformer_0.fed_forward.added:
          transformer_0.norm_1: Norm { width: 4 }
          transformer_0.dense_0: Dense { inputs: 4, units: 8 }
          transformer_0.dense_0.activated: Activate(Relu)
          transformer_0.dense_1: Dense { inputs: 8, units: 4 }
          transformer_0.dropout_1: Dropout { share: 0.1, site: 2, width: 4 }
        transformer_0.last: Last { width: 4 }
        output: Dense { inputs: 4, units: 3 }
    "#]]
    .assert_eq(&text(&layers));
    let sites = dropouts(&operations(&layers, 4), 10, 2);
    assert_eq!(sites, [(0.1, 80), (0.1, 80), (0.1, 80)]);
}
