use super::{legend, tokens};
use crate::tests::Disk;
use expect_test::expect;

#[test]
fn names_are_coloured_by_what_they_stand_for() {
    let text = "edition 2026

use std.ml

/// \u{1F980}
let note = \"\u{1F980}\" let x = 1
pipeline p(share: Ratio = 10%) {
  train t { epochs = 3 }
  gate g {
    model = t.model
    require t.epochs > 1 and share < 20%
  }
}
";
    let text = text.replace(" let x = 1", "");
    let snapshot = Disk::default().with("here.suho", &text).snapshot();
    let types = legend().token_types;
    let lines: Vec<&str> = text.lines().collect();
    let (mut line, mut column) = (0, 0);
    let mut seen = Vec::new();
    for token in tokens(&snapshot, snapshot.file("here.suho").unwrap()) {
        if token.delta_line > 0 {
            column = 0;
        }
        line += token.delta_line;
        column += token.delta_start;
        let units: Vec<u16> = lines[line as usize].encode_utf16().collect();
        let word = &units[column as usize..(column + token.length) as usize];
        let word = String::from_utf16(word).unwrap();
        let kind = types[token.token_type as usize].as_str();
        seen.push(format!("{word}:{kind}:{}", token.token_modifiers_bitset));
    }
    expect![[r#"
        std.ml:namespace:2
        note:variable:1
        pipeline:class:0
        p:function:1
        share:parameter:1
        Ratio:type:0
        train:class:2
        t:variable:1
        epochs:property:2
        gate:class:2
        g:variable:1
        model:property:2
        t:variable:0
        model:property:2
        require:keyword:0
        t:variable:0
        epochs:property:2
        share:parameter:0"#]]
    .assert_eq(&seen.join("\n"));
}
