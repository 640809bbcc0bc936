//! A text and its places: bytes, as the analysis counts, and lines with UTF-16 columns, as the
//! protocol does.

use lsp_types::{Position, Range, TextDocumentContentChangeEvent};
use suho_syntax::ast::Span;

/// A text with the places where its lines begin.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Text {
    text: String,
    /// The first byte of each line; never empty. Lines end with `\n`, `\r\n` or a lone `\r`.
    starts: Vec<usize>,
}

impl Text {
    /// A text, a byte order mark at its start left out: editors do not count it.
    pub fn new(text: &str) -> Self {
        let text = text.strip_prefix('\u{FEFF}').unwrap_or(text).to_owned();
        Self { starts: starts(&text), text }
    }

    /// The text itself.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The piece at `span`; nothing where there is none.
    pub fn slice(&self, span: Span) -> &str {
        self.text.get(span.start..span.end).unwrap_or_default()
    }

    /// The line and the UTF-16 column of a byte; a byte inside a character stands at its start, one
    /// past the end at the end.
    pub fn position(&self, offset: usize) -> Position {
        let offset = self.text.floor_char_boundary(offset);
        let line = self.starts.partition_point(|start| *start <= offset).saturating_sub(1);
        let start = self.starts.get(line).copied().unwrap_or_default();
        let before = self.text.get(start..offset).unwrap_or_default();
        Position { line: count(line), character: count(before.encode_utf16().count()) }
    }

    /// The byte of a line and a UTF-16 column. A column past the line's end is the line's end, one
    /// inside a character is the character's start, a line past the last is the text's end.
    pub fn offset(&self, position: Position) -> usize {
        let line = usize::try_from(position.line).unwrap_or(usize::MAX);
        let Some(start) = self.starts.get(line).copied() else { return self.text.len() };
        let end = line.checked_add(1).and_then(|next| self.starts.get(next));
        let end = end.copied().unwrap_or(self.text.len());
        let line = self.text.get(start..end).unwrap_or_default().trim_end_matches(['\n', '\r']);
        let mut left = usize::try_from(position.character).unwrap_or(usize::MAX);
        let mut offset = start;
        for character in line.chars() {
            let Some(rest) = left.checked_sub(character.len_utf16()) else { break };
            left = rest;
            offset += character.len_utf8();
        }
        offset
    }

    /// `span` as the protocol counts.
    pub fn range(&self, span: Span) -> Range {
        Range { start: self.position(span.start), end: self.position(span.end) }
    }

    /// `range` as the analysis counts.
    pub fn span(&self, range: Range) -> Span {
        let (start, end) = (self.offset(range.start), self.offset(range.end));
        Span { start: start.min(end), end: start.max(end) }
    }

    /// The text after `change`: a piece of it, or all of it where no piece is named.
    pub fn change(&mut self, change: &TextDocumentContentChangeEvent) {
        *self = match change.range {
            None => Self::new(&change.text),
            Some(range) => {
                let Span { start, end } = self.span(range);
                let before = self.text.get(..start).unwrap_or_default();
                let after = self.text.get(end..).unwrap_or_default();
                Self::new(&[before, &change.text, after].concat())
            }
        };
    }
}

fn starts(text: &str) -> Vec<usize> {
    let bytes = text.as_bytes();
    let ends = bytes.iter().enumerate().filter(|(at, byte)| match byte {
        b'\n' => true,
        b'\r' => bytes.get(at + 1) != Some(&b'\n'),
        _ => false,
    });
    std::iter::once(0).chain(ends.map(|(at, _)| at + 1)).collect()
}

/// A number of lines or columns as the protocol holds it.
fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
