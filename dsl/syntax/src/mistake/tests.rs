use expect_test::{Expect, expect};

use crate::ast::StmtKind;
use crate::parse;
use crate::tests::drawn;

/// The errors of lines of a block, which begin in its second line.
fn says(lines: &str, expected: &Expect) {
    let text = format!("edition 2026\n{lines}\n");
    expected.assert_eq(&drawn(&text, &parse(&text).errors));
}

#[test]
fn ten_planted_mistakes_give_ten_errors() {
    let text = include_str!("../../tests/corpus/broken.suho");
    assert_eq!(parse(text).errors.len(), 10);
    expect![[r#"
        4:20 syntax: expected a value after `+`
          "" expected a value
        6:18 syntax: expected a name after `.`
          "" expected a name
        7:18 syntax: two `=`; remove one
          "=" the second
          help: remove it [7:17 " =" -> ""]
        9:61 syntax: `(` of `lstm(` at 9:19 is not closed
          "]" expected `)`
          note 9:19 opened here
          help: write the missing `)`
        10:9 syntax: attributes use `=`; write `seed = 42`
          ":" expected `=`
          help: write `seed = 42` [10:9 ": " -> " = "]
        13:23 syntax: unknown operator `>>`; did you mean `>`?
          ">>" not an operator
          help: write `>` [13:23 ">>" -> ">"]
        15:5 syntax: unknown word `requre`; did you mean `require`?
          "requre" unknown word
          help: write `require` [15:5 "requre" -> "require"]
        19:35 syntax: unexpected `fro`; did you mean `for`?
          "fro" unknown word
          help: write `for` [19:35 "fro" -> "for"]
        20:1 unclosed-block: `{` of `canary tenth` is not closed before `monitor`
          "" expected `}`
          note 17:16 opened here
          help: close it [19:41 "" -> "\n  }"]
        20:1 unclosed-block: `{` of `pipeline fx` is not closed before `monitor`
          "" expected `}`
          note 3:29 opened here
          help: close it [19:41 "" -> "\n}"]
    "#]]
    .assert_eq(&drawn(text, &parse(text).errors));
}

#[test]
fn a_broken_value_leaves_the_rest_of_the_tree_whole() {
    let text = include_str!("../../tests/corpus/broken.suho");
    let file = parse(text).file;
    assert_eq!(file.items.len(), 3);
    let StmtKind::Instance(pipeline) = &file.items[1].kind else { panic!("no pipeline") };
    let StmtKind::Instance(train) = &pipeline.body.items[1].kind else { panic!("no step") };
    let names = train.body.items.iter().map(|item| match &item.kind {
        StmtKind::Attribute { path, .. } => path[0].node.as_str(),
        _ => "?",
    });
    let names: Vec<_> = names.collect();
    assert_eq!(names, ["model", "batch_size", "epochs", "layers", "seed"]);
}

#[test]
fn habits_of_other_languages_are_answered_with_ours() {
    says(
        "seed: 42\nseed == 42\nretry: { attempts = 2 }\nseed 42\nseed = 42;\nseed = 42,",
        &expect![[r#"
            2:5 syntax: attributes use `=`; write `seed = 42`
              ":" expected `=`
              help: write `seed = 42` [2:5 ": " -> " = "]
            3:6 syntax: attributes use `=`; write `seed = 42`
              "==" expected `=`
              help: write `seed = 42` [3:5 " == " -> " = "]
            4:6 syntax: attributes use `=`; write `retry = { … }`
              ":" expected `=`
              help: write `retry = ` [4:6 ": " -> " = "]
            5:6 syntax: expected `=` or a block after `seed`
              "42" expected `=`
              help: write `seed = 42` [5:5 " " -> " = "]
            6:10 syntax: statements end with their line, without `;`
              ";" 
              help: remove it [6:10 ";" -> ""]
            7:10 syntax: statements end with their line, without `,`
              "," 
              help: remove it [7:10 "," -> ""]
        "#]],
    );
    says(
        "a = x && y\na = x || y\na = !x\na = x => y\na = 'text'\na = 1 # note",
        &expect![[r##"
        2:7 syntax: unknown operator `&&`; did you mean `and`?
          "&&" not an operator
          help: write `and` [2:7 "&&" -> "and"]
        3:7 syntax: unknown operator `||`; did you mean `or`?
          "||" not an operator
          help: write `or` [3:7 "||" -> "or"]
        4:5 syntax: unknown operator `!`; did you mean `not`?
          "!" not an operator
          help: write `not` [4:5 "!" -> "not "]
        5:7 syntax: unknown operator `=>`; did you mean `>=`?
          "=>" not an operator
          help: write `>=` [5:7 "=>" -> ">="]
        6:5 syntax: strings stand in double quotes
          "'text'" 
          help: write `"text"` [6:5 "'text'" -> "\"text\""]
        7:7 syntax: comments begin with `//`
          "#" 
          help: write `//` [7:7 "#" -> "//"]
    "##]],
    );
}

#[test]
fn marks_and_words_in_the_wrong_place_are_answered_with_the_right_ones() {
    says(
        "a = f(units = 128)\na = { units: 128 }\na = [1 2]\na = x = 2",
        &expect![[r#"
        2:13 syntax: arguments are named with `:`; write `units: 128`
          "=" 
          help: write `units: 128` [2:12 " = " -> ": "]
        3:12 syntax: fields are set with `=`; write `units = 128`
          ":" 
          help: write `=` [3:12 ": " -> " = "]
        4:8 syntax: expected `,` between `1` and `2`
          "2" 
          note 4:7 here
          help: write `,` [4:7 "" -> ","]
        5:7 syntax: values are compared with `==`
          "=" this sets a value
          help: write `==` [5:7 "=" -> "=="]
    "#]],
    );
    says(
        "fro = 1\nrollbck when x > 5% for 5m\nrequire x > 5% afer 5m\nlet = 3\ngate acceptance",
        &expect![[r#"
            3:1 syntax: unknown word `rollbck`; did you mean `rollback`?
              "rollbck" unknown word
              help: write `rollback` [3:1 "rollbck" -> "rollback"]
            4:16 syntax: unexpected `afer`; did you mean `after`?
              "afer" unknown word
              help: write `after` [4:16 "afer" -> "after"]
            5:1 syntax: this is not how `let` is written
              "let = 3" expected `let name = value`
              help: write it as `let name = value`
            6:1 syntax: expected `{` after `gate acceptance`
              "gate acceptance" a block has to follow
              help: open a block [6:16 "" -> " {"]
              help: or set `gate` [6:5 " " -> " = "]
        "#]],
    );
}

#[test]
fn what_is_missing_is_named_with_what_it_is_missing_after() {
    says(
        "a =\nb = -\nc = f(\nd = \"text\ne = x.\nf = x with\ng = if x then y\nh = (1, 2)",
        &expect![[r#"
            2:4 syntax: expected a value after `=`
              "" expected a value
            3:6 syntax: expected a value after `-`
              "" expected a value
            4:7 syntax: `(` of `f(` at 4:6 is not closed
              "" expected `)`
              note 4:6 opened here
              help: write the missing `)`
            5:5 syntax: this string is not closed
              "\"text" opened here
              help: close it [5:10 "" -> "\""]
            6:7 syntax: expected a name after `.`
              "" expected a name
            7:11 syntax: expected a record, as `{ seed = 42 }`, after `with`
              "" expected a record, as `{ seed = 42 }`
            8:16 syntax: expected `else` after `y`
              "" expected `else`
              help: write `if condition then value else value`
            9:7 syntax: unexpected `,`
              "," this is no list
              help: write lists in `[…]`
        "#]],
    );
    says(
        "a = 1 < x < 3\nb = \"\\q\"\nc = \"${x +}\"\nd = 1 )\nrequire\n}",
        &expect![[r#"
            2:11 syntax: comparisons do not chain
              "<" a second comparison
              note 2:7 the first one
              help: compare twice [2:11 "" -> "and x "]
            3:6 syntax: unknown escape `\q`
              "\\q" known are \n, \t, \", \\ and \$
              help: write `\\q` for a backslash [3:6 "" -> "\\"]
            4:11 syntax: expected a value after `+`
              "" expected a value
            5:7 syntax: `)` closes nothing
              ")" nothing is open
              help: remove it [5:7 ")" -> ""]
            6:8 syntax: expected a value after `require`
              "" expected a value
            7:1 syntax: `}` closes nothing
              "}" every block is closed already
              help: remove it [7:1 "}" -> ""]
        "#]],
    );
}

#[test]
fn an_edition_is_asked_for_once_and_first() {
    for (text, expected) in [
        (
            "",
            expect![[r#"
            1:1 edition: the edition is missing
              "" a file begins with its edition
              help: write `edition 2026` first [1:1 "" -> "edition 2026\n\n"]
        "#]],
        ),
        (
            "// only a comment\n",
            expect![[r#"
            1:1 edition: the edition is missing
              "" a file begins with its edition
              help: write `edition 2026` first [1:1 "" -> "edition 2026\n\n"]
        "#]],
        ),
        (
            "edition 2027\n",
            expect![[r#"
            1:9 edition: edition 2027 needs a newer suho; this one knows 2026
              "2027" unknown edition
              help: write `edition 2026` [1:9 "2027" -> "2026"]
        "#]],
        ),
        (
            "edition 1999\n",
            expect![[r#"
            1:9 edition: there is no edition 1999
              "1999" unknown edition
              help: write `edition 2026` [1:9 "1999" -> "2026"]
        "#]],
        ),
        (
            "editon 2026\n",
            expect![[r#"
            1:1 syntax: unknown word `editon`; did you mean `edition`?
              "editon" unknown word
              help: write `edition` [1:1 "editon" -> "edition"]
        "#]],
        ),
        (
            "edition \"2026\"\n",
            expect![[r#"
            1:9 edition: an edition is a year
              "\"2026\"" expected a year
              help: write `edition 2026` [1:9 "\"2026\"" -> "2026"]
        "#]],
        ),
        (
            "use std.ml\nedition 2026\n",
            expect![[r#"
                2:1 edition: the edition is the first statement
                  "edition 2026" not here
                  help: move it to the start [1:1 "" -> "edition 2026\n\n"] [2:1 "edition 2026" -> ""]
            "#]],
        ),
    ] {
        expected.assert_eq(&drawn(text, &parse(text).errors));
    }
}

#[test]
fn a_block_left_open_is_found_by_the_next_head_or_by_its_margin() {
    says(
        "pipeline p {\n  gate g {\n    require x > 1\n\nmodel m {\n}",
        &expect![[r#"
        5:1 unclosed-block: `{` of `gate g` is not closed before `model`
          "" expected `}`
          note 3:10 opened here
          help: close it [4:18 "" -> "\n  }"]
        5:1 unclosed-block: `{` of `pipeline p` is not closed before `model`
          "" expected `}`
          note 2:12 opened here
          help: close it [4:18 "" -> "\n}"]
    "#]],
    );
    says(
        "pipeline p {\n  gate g {\n    require x > 1\n\n  canary c {\n  }\n}\n\nmonitor m {\n}",
        &expect![[r#"
            3:10 unclosed-block: `{` of `gate g` is not closed
              "{" not closed
              note 8:1 this `}` stands where that of `pipeline p` should
              help: write the missing `}`
        "#]],
    );
    says(
        "pipeline p(\n  a: Int = ,\n  b: Int,\n) {\n  x = 1\n}\nmodel m\n{\n  x = 1\n}",
        &expect![[r#"
            3:12 syntax: expected a value after `=`
              "," expected a value
            9:1 syntax: `{` stands on the line of `model m`
              "{" on a line of its own
              help: write `model m {` [8:8 "\n" -> " "]
        "#]],
    );
    says(
        "model m {\n  layers = [\n    f(1),\n    f(2,\n  ]\n  seed = 1\n}",
        &expect![[r#"
        6:3 syntax: `(` of `f(` at 5:6 is not closed
          "]" expected `)`
          note 5:6 opened here
          help: write the missing `)`
    "#]],
    );
    says(
        "model m {\n  layers = [\n    f(1),\n  seed = 1\n  rate = +\n}",
        &expect![[r#"
        4:10 syntax: `[` at 3:12 is not closed
          "" expected `]`
          note 3:12 opened here
          help: write the missing `]`
        6:10 syntax: expected a value after `=`
          "+" expected a value
    "#]],
    );
}

#[test]
fn a_text_of_mistakes_only_is_answered_with_the_first_of_them() {
    let text = format!("edition 2026\n{}", "lorem ipsum dolor\n".repeat(5_000));
    assert_eq!(parse(&text).errors.len(), super::MISTAKES_MAX);
}
