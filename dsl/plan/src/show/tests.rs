use super::*;
use crate::tests::checked;

/// The default that the checker makes of `ty = text`, shown again.
fn shown(ty: &str, text: &str) -> String {
    let file = format!("edition 2026\n\npipeline p(a: Int, b: Bool, it: {ty} = {text}) {{}}\n");
    let checked = checked(&[("p.suho", &file)]);
    let param = checked.program.pipelines["p"].params.last().unwrap();
    show(param.default.as_ref().unwrap())
}

#[test]
fn what_is_shown_is_what_was_written() {
    for (ty, text) in [
        ("Text", r#""a \"b\" \\ \$ \n""#),
        ("Text", r#""${a} of ${b}""#),
        ("Int", "(a + 1) * 2"),
        ("Int", "a + 1 * a"),
        ("Int", "a - (1 - a)"),
        ("Int", "-a"),
        ("Int", "-(a + 1)"),
        ("Bool", "b and (b or not b)"),
        ("Bool", "not (b and b)"),
        ("Bool", "a + 1 < 2 and b"),
        ("Int", "if b then 1 else a"),
        ("[Int]", "[1, a]"),
        ("[Int]", "[for n in [1, a] if n > a: n + 1]"),
        ("Int", "min(a, 2)"),
        ("Range<Date>", "2024-01-01 .. 2025-01-01"),
        ("Duration", "7h5m"),
        ("Ratio", "35%"),
        (
            "Costs",
            r#"{ commission = 0%, name = "x", slippage = 0pip, spread = { "EUR/USD" = 1pip }, swap = daily(long: 0pip, short: 0pip) }"#,
        ),
        ("Calendar", "fx"),
    ] {
        assert_eq!(shown(ty, text), text);
    }
}
