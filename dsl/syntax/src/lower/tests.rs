use expect_test::{Expect, expect};

use crate::ast::{Expr, ExprKind, StmtKind, TextPart};
use crate::parse;

/// An expression with all its brackets.
fn bracketed(expr: &Expr) -> String {
    match &expr.kind {
        ExprKind::Number(text) | ExprKind::Name(text) | ExprKind::Quantity(text) => text.clone(),
        ExprKind::Unary(op, value) => format!("({:?} {})", op.node, bracketed(value)),
        ExprKind::Binary(op, left, right) => {
            format!("({} {:?} {})", bracketed(left), op.node, bracketed(right))
        }
        ExprKind::Field { base, name, optional } => {
            format!("{}{}{}", bracketed(base), if *optional { "?." } else { "." }, name.node)
        }
        ExprKind::Call(base, args) => {
            let args: Vec<_> = args.iter().map(|arg| bracketed(&arg.value)).collect();
            format!("{}({})", bracketed(base), args.join(", "))
        }
        other => format!("{other:?}"),
    }
}

/// The value of `x = …`.
fn value(text: &str) -> Expr {
    let file = parse(&format!("edition 2026\nx = {text}\n")).file;
    match file.items.into_iter().nth(1).map(|item| item.kind) {
        Some(StmtKind::Attribute { value, .. }) => value,
        other => panic!("{other:?}"),
    }
}

fn reads(text: &str, expected: &Expect) {
    expected.assert_eq(&bracketed(&value(text)));
}

#[test]
fn operators_hold_as_the_page_says() {
    reads("not a == b or c and d", &expect!["((Not (a Equal b)) Or (c And d))"]);
    reads(
        "a ?? b .. c + d * -e.f",
        &expect!["(a Coalesce (b Range (c Add (d Multiply (Negate e.f)))))"],
    );
    reads("a - b - c", &expect!["((a Subtract b) Subtract c)"]);
    reads(
        "accuracy over 7d < reference?.accuracy * 90%",
        &expect!["((accuracy Over 7d) Less (reference?.accuracy Multiply 90%))"],
    );
    reads("f(x)(y, n: z).w", &expect!["f(x)(y, z).w"]);
}

#[test]
fn an_exponent_belongs_to_its_number() {
    for number in ["1e-3", "1e5", "2E+3", "1.5e10", "1_000.5e-0", "0.001"] {
        assert_eq!(value(number).kind, ExprKind::Number(number.to_owned()));
    }
    reads("1e-3-1e3", &expect!["(1e-3 Subtract 1e3)"]);
    reads("1e - 3", &expect!["(1e Subtract 3)"]);
    for quantity in ["10%", "5pp", "7h5m", "1e", "16GiB", "0.35bps"] {
        assert_eq!(value(quantity).kind, ExprKind::Quantity(quantity.to_owned()));
    }
}

#[test]
fn strings_are_read_with_their_escapes_and_values() {
    let ExprKind::Text(parts) = value(r#""a\n\"${b}\$c""#).kind else { panic!("no text") };
    let texts = parts.iter().map(|part| match part {
        TextPart::Text(text) => text.clone(),
        TextPart::Expr(expr) => bracketed(expr),
    });
    assert_eq!(texts.collect::<Vec<_>>(), ["a\n\"", "b", "$c"]);
}

#[test]
fn raw_texts_lose_the_margin_that_all_their_lines_share() {
    let raw = |text: &str| match value(text).kind {
        ExprKind::RawText(text) => text,
        other => panic!("{other:?}"),
    };
    assert_eq!(raw("\"\"\"\n    a\n      ${b}\n\n    c\n    \"\"\""), "a\n  ${b}\n\nc\n");
    assert_eq!(raw("\"\"\"\n    a\n  \"\"\""), "  a\n");
    assert_eq!(raw("\"\"\"\n    a\r\n    b\"\"\""), "a\nb");
    assert_eq!(raw("\"\"\"\n\"\"\""), "");
}

#[test]
fn only_whole_lines_of_documentation_document_what_follows() {
    let text = "edition 2026\n/// first\n/// second\n@since(\"1\")\n// plain\na x { } /// behind\nb y { }\n";
    let docs: Vec<_> =
        parse(text).file.items.into_iter().map(|item| (item.doc, item.annotations.len())).collect();
    assert_eq!(docs, [(None, 0), (Some("first\nsecond".to_owned()), 1), (None, 0)]);
}

#[test]
fn chained_comparisons_are_missing_so_that_nothing_more_is_said_of_them() {
    assert_eq!(value("1 < x < 3").kind, ExprKind::Missing);
}
