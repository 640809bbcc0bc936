//! Places in a text, as people count them.

/// The line and the column of a byte, both from 1; columns count characters, and a byte inside one
/// or past the end stands where the last whole character before it ends.
///
/// A byte order mark at the start takes no column.
pub fn line_column(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..text.floor_char_boundary(offset)).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let begin = before.rfind('\n').map_or(0, |end| end + 1);
    let on_line = before.get(begin..).unwrap_or_default();
    let column = on_line.trim_start_matches('\u{FEFF}').chars().count() + 1;
    (line, column)
}

/// Whether only blanks stand between the start of the line and `offset`.
pub(crate) fn begins_line(text: &str, offset: usize) -> bool {
    let before = text.get(..offset).unwrap_or_default();
    let begin = before.rfind('\n').map_or(0, |end| end + 1);
    before.get(begin..).unwrap_or_default().trim_matches([' ', '\t', '\r', '\u{FEFF}']).is_empty()
}
