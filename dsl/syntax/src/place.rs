//! Places in a text, as people count them.

/// The line and the column of a byte, both from 1; columns count characters, and a byte inside one
/// or past the end stands where the last whole character before it ends.
///
/// A byte order mark at the start takes no column.
pub fn line_column(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..text.floor_char_boundary(offset)).unwrap_or(text);
    let line = line_ends(before) + 1;
    let begin = before.rfind('\n').map_or(0, |end| end + 1);
    let on_line = before.get(begin..).unwrap_or_default();
    let column = on_line.trim_start_matches('\u{FEFF}').chars().count() + 1;
    (line, column)
}

/// How many lines end in `text`. Asked for every place of a long file, so that it must be quick: runs
/// short enough for their counts to stay bytes are summed side by side.
pub fn line_ends(text: &str) -> usize {
    let runs = text.as_bytes().chunks(usize::from(u8::MAX));
    let count = |run: &[u8]| run.iter().map(|byte| u8::from(*byte == b'\n')).sum::<u8>();
    runs.map(|run| usize::from(count(run))).sum()
}

/// Whether only blanks stand between the start of the line and `offset`.
pub(crate) fn begins_line(text: &str, offset: usize) -> bool {
    let before = text.get(..offset).unwrap_or_default();
    let begin = before.rfind('\n').map_or(0, |end| end + 1);
    before.get(begin..).unwrap_or_default().trim_matches([' ', '\t', '\r', '\u{FEFF}']).is_empty()
}
