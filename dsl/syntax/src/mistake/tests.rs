use expect_test::{Expect, expect};

use crate::ast::{ExprKind, StmtKind};
use crate::tests::drawn;
use crate::{SyntaxError, apply, parse};

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

/// What people write who come from elsewhere, and what they meant: each is one mistake, and its only
/// way out gives the right text.
const HABITS: [(&str, &str); 88] = [
    // `=`, `:` and the ends of statements
    ("seed: 42", "seed = 42"),
    ("seed :42", "seed = 42"),
    ("seed == 42", "seed = 42"),
    ("seed := 42", "seed = 42"),
    ("seed => 42", "seed = 42"),
    ("seed = = 42", "seed = 42"),
    ("seed 42", "seed = 42"),
    ("seed = 42;", "seed = 42"),
    ("seed = 42,", "seed = 42"),
    ("let seed := 42", "let seed = 42"),
    ("let seed: Int == 42", "let seed: Int = 42"),
    ("require x = 1", "require x == 1"),
    ("a = f(units = 128)", "a = f(units: 128)"),
    ("a = { units: 128 }", "a = { units = 128 }"),
    ("a = {\"units\": 128}", "a = {\"units\" = 128}"),
    ("a = [1, 2,, 3]", "a = [1, 2, 3]"),
    ("a = [1 2]", "a = [1, 2]"),
    // words
    ("a = True", "a = true"),
    ("a = FALSE", "a = false"),
    ("a = None", "a = none"),
    ("a = null", "a = none"),
    ("a = f(x: nil)", "a = f(x: none)"),
    ("var x = 1", "let x = 1"),
    ("const x = 1", "let x = 1"),
    ("import \"./a.suho\"", "use \"./a.suho\""),
    ("from std.ml import train", "use std.ml"),
    ("from model import a, b", "use \"./model.suho\" { a, b }"),
    ("use \"./a.suho\".b", "use \"./a.suho\" { b }"),
    ("requre x > 1", "require x > 1"),
    ("rollback if x > 5% for 5m", "rollback when x > 5% for 5m"),
    ("@since \"2026.1\"\nstep x {\n}", "@since(\"2026.1\")\nstep x {\n}"),
    // operators
    ("a = x && y", "a = x and y"),
    ("a = x & y", "a = x and y"),
    ("a = x AND y", "a = x and y"),
    ("a = x&&y", "a = x and y"),
    ("a = x || y", "a = x or y"),
    ("a = x OR y", "a = x or y"),
    ("a = !x", "a = not x"),
    ("a = NOT x", "a = not x"),
    ("a = x === y", "a = x == y"),
    ("a = x <> y", "a = x != y"),
    ("a = x => y", "a = x >= y"),
    ("a = x =< y", "a = x <= y"),
    ("a = x ?: y", "a = x ?? y"),
    ("a = x is None", "a = x == none"),
    ("a = x is not y", "a = x != y"),
    ("a = b and x not in y", "a = b and not x in y"),
    ("a = c ? x : y", "a = if c then x else y"),
    ("a = x if c else y", "a = if c then x else y"),
    ("a = [x for x in xs]", "a = [for x in xs: x]"),
    ("a = [x * 2 for x in f([1]) if x > 1]", "a = [for x in f([1]) if x > 1: x * 2]"),
    ("require 0 < x < 3", "require 0 < x and x < 3"),
    // names, strings, comments
    ("a = ${x}", "a = x"),
    ("a = {{ x.y }}", "a = x.y"),
    ("a = $x", "a = x"),
    ("a = `x`", "a = x"),
    ("a = 'text'", "a = \"text\""),
    ("a = “text”", "a = \"text\""),
    ("a = f\"x {y}\"", "a = \"x ${y}\""),
    ("a = r\"x\"", "a = \"x\""),
    ("a = \"text", "a = \"text\""),
    ("a = <<EOF\n  text\nEOF", "a = \"\"\"\n  text\n\"\"\""),
    ("# note", "// note"),
    ("a = 1 # note", "a = 1 // note"),
    ("a = 1 /* note */", "a = 1 // note"),
    ("/*\n * one\n * two\n */", "// one\n// two"),
    ("\"\"\"One.\"\"\"\ntrain x {\n}", "/// One.\ntrain x {\n}"),
    ("a = x + \\\n  y", "a = x + \n  y"),
    ("---\na = 1", "\na = 1"),
    ("a = x – 1 ≥ 2", "a = x - 1 >= 2"),
    ("a =\u{a0}1", "a = 1"),
    // numbers and dates
    ("a = 5 minutes", "a = 5m"),
    ("a = 10 %", "a = 10%"),
    ("a = f(24 h, 1)", "a = f(24h, 1)"),
    ("a = 1,000", "a = 1_000"),
    ("a = .5", "a = 0.5"),
    ("a = 5.", "a = 5.0"),
    ("a = $100", "a = 100 USD"),
    ("a = 100€", "a = 100 EUR"),
    ("a = USD 100", "a = 100 USD"),
    ("a = 2024/1/31", "a = 2024-01-31"),
    ("a = 2024-1-31", "a = 2024-01-31"),
    // blocks
    ("train = candidate {\n  seed = 42\n}", "train candidate {\n  seed = 42\n}"),
    ("train candidate\n{\n  seed = 42\n}", "train candidate {\n  seed = 42\n}"),
    ("train candidate:\n  seed = 42\n\na = 1", "train candidate {\n  seed = 42\n}\n\na = 1"),
    ("on:\n  - preempted\n  - timeout\na = 1", "on = [preempted, timeout]\na = 1"),
    ("on:\n- preempted", "on = [preempted]"),
    ("pipeline p(Int x) {\n}", "pipeline p(x: Int) {\n}"),
];

#[test]
fn a_habit_of_another_language_is_one_mistake_with_the_edit_that_mends_it() {
    for (theirs, ours) in HABITS {
        let text = format!("edition 2026\n{theirs}\n");
        let errors = parse(&text).errors;
        let told = drawn(&text, &errors);
        let fixes: Vec<_> = errors.iter().map(SyntaxError::only_fix).collect();
        assert!(fixes.iter().all(Option::is_some), "{theirs:?} has no only way out:\n{told}");
        let edits = fixes.into_iter().flatten().flatten();
        let mended = apply(&text, edits).unwrap();
        assert_eq!(mended, format!("edition 2026\n{ours}\n"), "{theirs:?}:\n{told}");
        assert_eq!(drawn(&mended, &parse(&mended).errors), "", "{theirs:?}");
        let one = ["a = x is None", "a = {{ x.y }}", "a = x – 1 ≥ 2"].contains(&theirs);
        assert!(errors.len() == 1 || one, "{theirs:?} is told more than once:\n{told}");
    }
}

#[test]
fn what_there_is_nothing_like_is_answered_once_with_what_there_is() {
    says(
        "def f(x):\n    y = x +\n    return y\nif x {\n  a: 1\n}\nfor x in xs {\n}\na = lambda x: x\na = x ^ 2\nx += 1",
        &expect![[r#"
            2:1 syntax: there is no `def` statement
              "def" unknown statement
              help: write a value as `let name = …`, what takes parameters as a pipeline
            5:1 syntax: there is no `if` statement
              "if" unknown statement
              help: a value is chosen by `if … then … else …`, a step is skipped by `when = condition`
            8:1 syntax: there is no `for` statement
              "for" unknown statement
              help: lists are made by `[for name in list: item]`, runs side by side by `matrix`
            10:5 syntax: there are no functions
              "lambda" another language's word
              help: use `let`, a comprehension, or a pipeline with parameters
            11:7 syntax: unknown operator `^`
              "^" not an operator
              help: there are no powers
            12:3 syntax: a value never changes
              "+=" not a statement
              help: give the new value a name of its own with `let`
        "#]],
    );
    says(
        "train:\n  seed = 42\n- a\n- b\nresource \"a\" \"b\" {\n}\npipeline p(x: Int, y = 2) {\n}\nuse \"./a.suho\" { * }",
        &expect![[r#"
            2:6 syntax: blocks stand in braces
              ":" expected `{`
              help: write a block [2:6 ":" -> " {"] [5:4 "" -> "\n}"]
              help: or set `train` to a record [2:6 ":" -> " = {"] [5:4 "" -> "\n}"]
            4:1 syntax: lists stand in brackets
              "-" an element of a list
              help: write `name = [first, second]`
            6:14 syntax: a block has one name
              "\"b\"" a second name
              help: write `kind name { … }`
            8:22 syntax: parameter `y` has no type
              "=" expected `:` and a type
              help: write `y: Type`, as `share: Ratio = 10%`
            10:18 syntax: names are taken one by one
              "*" not a name
              help: write the names that are used: `{ a, b }`
        "#]],
    );
}

#[test]
fn every_mistake_of_a_statement_is_told_at_once_and_none_follows_from_another() {
    let text = "edition 2026\na: !x && 'y' === 5 minutes # why\n";
    expect![[r##"
        2:2 syntax: attributes use `=`; write `a = !x && 'y' === 5 minutes # why`
          ":" expected `=`
          help: write `a = !x && 'y' === 5 minutes # why` [2:2 ": " -> " = "]
        2:4 syntax: unknown operator `!`; did you mean `not`?
          "!" not an operator
          help: write `not` [2:4 "!" -> "not "]
        2:7 syntax: unknown operator `&&`; did you mean `and`?
          "&&" not an operator
          help: write `and` [2:7 "&&" -> "and"]
        2:10 syntax: strings stand in double quotes
          "'y'" 
          help: write `"y"` [2:10 "'y'" -> "\"y\""]
        2:14 syntax: unknown operator `===`; did you mean `==`?
          "===" not an operator
          help: write `==` [2:14 "===" -> "=="]
        2:18 syntax: a unit follows its number without a blank
          "5 minutes" written otherwise here
          help: write `5m` [2:18 "5 minutes" -> "5m"]
        2:28 syntax: comments begin with `//`
          "#" 
          help: write `//` [2:28 "#" -> "//"]
    "##]]
    .assert_eq(&drawn(text, &parse(text).errors));
    let text = "edition 2026\nx {\n  a = { b: 1, c: True, d: 5 % }\n  e = 1\n}\n";
    expect![[r#"
        3:10 syntax: fields are set with `=`; write `b = 1`
          ":" 
          help: write `=` [3:10 ": " -> " = "]
        3:16 syntax: fields are set with `=`; write `c = True`
          ":" 
          help: write `=` [3:16 ": " -> " = "]
        3:18 syntax: `True` is written `true`
          "True" another language's word
          help: write `true` [3:18 "True" -> "true"]
        3:25 syntax: fields are set with `=`; write `d = 5`
          ":" 
          help: write `=` [3:25 ": " -> " = "]
        3:27 syntax: a unit follows its number without a blank
          "5 %" written otherwise here
          help: write `5%` [3:27 "5 %" -> "5%"]
    "#]]
    .assert_eq(&drawn(text, &parse(text).errors));
}

#[test]
fn a_statement_that_can_be_mended_means_what_it_says_then() {
    let values = |text: &str| {
        let items = parse(&format!("edition 2026\n{text}\n")).file.items.into_iter().skip(1);
        items.map(|item| item.kind).collect::<Vec<_>>()
    };
    let [StmtKind::Attribute { path, value }] = &values("seed: 42 && x")[..] else { panic!() };
    assert_eq!(path[0].node, "seed");
    let ExprKind::Binary(op, left, right) = &value.kind else { panic!("{value:?}") };
    // The places are those of the text as written.
    assert_eq!((left.span.start, op.span.start, right.span.start), (19, 22, 25));
    assert!(matches!(&values("var x = 1")[..], [StmtKind::Binding { .. }]));
    assert!(matches!(&values("train = x {\n  a: 1\n}")[..], [StmtKind::Instance(_)]));
    // What only a person can decide stays missing.
    let [StmtKind::Attribute { value, .. }] = &values("seed: 1 +")[..] else { panic!() };
    assert_eq!(value.kind, ExprKind::Missing);
}

#[test]
fn ten_thousand_mistakes_are_all_found() {
    let text = format!("edition 2026\n{}", "seed: 42 +\n".repeat(10_000));
    assert_eq!(parse(&text).errors.len(), 10_000 + super::MENDED_MAX);
}

#[test]
fn two_statements_on_one_line_are_told_apart() {
    says(
        "a = 1  b = 2\nc = x d = 3 e = 4\nf = 1, g = 2\n  h = 1; i = 2\nlet j = 1 let k = 2",
        &expect![[""]],
    );
    says(
        "train c { model = spec seed = 42 }\ntrain d { } gate e { }\nrequire x > 1 require y > 2",
        &expect![[""]],
    );
    says("a = b c\nuse \"./a.suho\" { x } let y = 1", &expect![[""]]);
}

#[test]
fn a_mark_above_nothing_is_told() {
    says(
        "@deprecated(\"use x\")\n\nstep s {\n  in a: Int\n  @since(\"1\")\n}\n@since(\"2\")\n// the end",
        &expect![[""]],
    );
}

#[test]
fn blocks_and_types_of_other_languages_are_told_how_they_are_written() {
    says(
        "pipeline \"fx\" { }\npipeline \"a b\" { }\ntest \"a b\" { }\ntrain c {\n  <<: *defaults\n}",
        &expect![[""]],
    );
    says(
        "pipeline p(a: list[str], b: Optional[int]) {\n}\npipeline q(c: Dict[str, int]) {\n}\n\
         pipeline r(s: Spec):\n  train c:\n    epochs: 1",
        &expect![[""]],
    );
}
