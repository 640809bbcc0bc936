//! Units after a number.

use crate::text::Text;
use lsp_types::{CompletionItem, CompletionItemKind, CompletionTextEdit, TextEdit};
use suho_check::Type;
use suho_syntax::ast::Span;

/// The units of each type, the commonest first.
const UNITS: [(Type, &[(&str, &str)]); 5] = [
    (Type::Ratio, &[("%", "percent"), ("bps", "basis points, a hundredth of a percent")]),
    (Type::Points, &[("pp", "percentage points")]),
    (
        Type::Duration,
        &[
            ("m", "minutes"),
            ("h", "hours"),
            ("d", "days of 24 hours"),
            ("s", "seconds"),
            ("ms", "milliseconds"),
            ("w", "weeks of 7 days"),
            ("us", "microseconds"),
            ("ns", "nanoseconds"),
        ],
    ),
    (Type::Period, &[("mo", "months of the calendar"), ("y", "years of the calendar")]),
    (Type::Pips, &[("pip", "the smallest usual move of a price")]),
];

/// The units that could follow the digits at `typed`, where `expected` is expected.
pub(crate) fn after(text: &Text, typed: Span, expected: Option<&Type>) -> Vec<CompletionItem> {
    let written = text.slice(typed);
    let digits: String =
        written.chars().take_while(|c| c.is_ascii_digit() || *c == '_' || *c == '.').collect();
    let expected = expected.map(Type::plain);
    let is_wanted = |ty: &Type| match expected {
        Some(Type::Unknown) | None => true,
        // A share is a weight or a percentage.
        Some(Type::Form(form)) if form == "Share" => *ty == Type::Ratio,
        Some(expected) => expected == ty,
    };
    UNITS
        .iter()
        .filter(|(ty, _)| is_wanted(ty))
        .flat_map(|(ty, units)| units.iter().map(move |unit| (ty, unit)))
        .enumerate()
        .map(|(at, (ty, (unit, doc)))| CompletionItem {
            label: format!("{digits}{unit}"),
            kind: Some(CompletionItemKind::UNIT),
            detail: Some(format!("{ty}: {doc}")),
            sort_text: Some(format!("{at:02}")),
            filter_text: Some(format!("{digits}{unit}")),
            text_edit: Some(CompletionTextEdit::Edit(TextEdit {
                range: text.range(typed),
                new_text: format!("{digits}{unit}"),
            })),
            ..CompletionItem::default()
        })
        .collect()
}
