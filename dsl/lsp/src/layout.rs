//! Formatting: the one canonical form, as an edit of the lines that differ.

use crate::text::Text;
use lsp_types::TextEdit;
use suho_syntax::ast::Span;

/// The edits that bring `text` into canonical form; none when it is.
///
/// # Errors
/// When the formatter found that it would change what the text means: a bug of ours.
pub fn formatting(text: &Text) -> Result<Vec<TextEdit>, &'static str> {
    let formatted = suho_syntax::format(text.as_str());
    if let Some(defect) = formatted.defect {
        return Err(defect);
    }
    Ok(difference(text, &formatted.text))
}

/// The edit that makes `text` the text `new`, of the lines that differ; none where none do.
pub(crate) fn difference(text: &Text, new: &str) -> Vec<TextEdit> {
    let old = text.as_str();
    if old == new {
        return Vec::new();
    }
    let (old, new): (Vec<&str>, Vec<&str>) =
        (old.split_inclusive('\n').collect(), new.split_inclusive('\n').collect());
    let head = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    let rest = old.len().min(new.len()) - head;
    let tail =
        old.iter().rev().zip(new.iter().rev()).take(rest).take_while(|(a, b)| a == b).count();
    let length = |lines: &[&str], count: usize| -> usize {
        lines.iter().take(count).map(|line| line.len()).sum()
    };
    let span = Span { start: length(&old, head), end: length(&old, old.len() - tail) };
    let new_text = new.get(head..new.len() - tail).unwrap_or_default().concat();
    vec![TextEdit { range: text.range(span), new_text }]
}

#[cfg(test)]
mod tests;
