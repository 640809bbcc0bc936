//! Texts that readers of YAML take for something else, and everything else that JSON has.
//!
//! What is expected here was read back by PyYAML 6 (version 1.1 of YAML) and ruamel.yaml (1.2) as
//! the value that was written.

use super::*;
use expect_test::expect;
use serde_json::json;

#[test]
fn a_document_has_one_thing_a_line() {
    let value = json!({
        "version": 1,
        "empty": { "list": [], "record": {} },
        "runs": [
            { "id": "r-1", "steps": ["data", "train"], "took": { "seconds": 1.5 } },
            { "id": "r-2", "steps": [], "took": null },
        ],
        "grid": [[1, 2], [3, []]],
        "is_on": true,
    });
    expect![[r#"
        empty:
          list: []
          record: {}
        grid:
          - - 1
            - 2
          - - 3
            - []
        is_on: true
        runs:
          - id: r-1
            steps:
              - data
              - train
            took:
              seconds: 1.5
          - id: r-2
            steps: []
            took: null
        version: 1
    "#]]
    .assert_eq(&document(&value));
}

#[test]
fn a_text_stays_a_text_whoever_reads_it() {
    let bare = ["train", "small_lstm", "r-1", "a.b", "pipelines/x.suho", "nothing", "Yesterday"];
    for text in bare {
        assert_eq!(document(&json!(text)), format!("{text}\n"));
    }
    let quoted = [
        "",
        "no",
        "Yes",
        "NULL",
        "on",
        "~",
        "1",
        "1.10",
        "0x1F",
        "12:30",
        "2024-01-01",
        "1_000",
        ".5",
        "-",
        "- a",
        "a: b",
        "a #b",
        "a, b",
        "[a]",
        "{a}",
        "&a",
        "*a",
        "!a",
        "|",
        ">",
        "%",
        "@a",
        "`a`",
        "'a'",
        "\"a\"",
        "a\nb",
        " a",
        "a ",
        "EUR/USD 1h",
        "größe",
        "\u{7}",
        "\\",
    ];
    for text in quoted {
        assert_eq!(document(&json!(text)), format!("{}\n", json!(text)), "{text:?}");
    }
    assert_eq!(
        document(&json!({ "EUR/USD": 1, "no": 2, "a b": 3 })),
        "EUR/USD: 1\n\"a b\": 3\n\"no\": 2\n"
    );
}

#[test]
fn a_number_stays_a_number_whoever_reads_it() {
    let written = |number: f64| document(&json!(number));
    assert_eq!(written(1e-7), "1.0e-7\n");
    assert_eq!(written(1.5e300), "1.5e+300\n");
    assert_eq!(written(0.001), "0.001\n");
    assert_eq!(document(&json!(-3)), "-3\n");
    assert_eq!(document(&json!(u64::MAX)), format!("{}\n", u64::MAX));
}
