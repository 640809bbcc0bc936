//! Lines of cells.

/// Blanks between two columns.
const GAP: usize = 2;

/// `rows` below `head`, every column as wide as its widest cell but the last. No rows make no
/// table; an empty head is left out. A cell's line breaks become blanks.
pub(crate) fn table(indent: &str, head: &[&str], rows: &[Vec<String>]) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let head: Vec<String> = head.iter().map(|&cell| cell.to_owned()).collect();
    let lines: Vec<Vec<String>> = std::iter::once(&head)
        .filter(|head| !head.is_empty())
        .chain(rows)
        .map(|row| row.iter().map(|cell| flat(cell)).collect())
        .collect();
    let columns = lines.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        let cells = lines.iter().filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let line = |row: &Vec<String>| {
        let cells = row.iter().zip(&widths);
        let padded = cells.map(|(cell, width)| format!("{cell:<w$}", w = width + GAP));
        let line = padded.collect::<String>();
        format!("{indent}{}\n", line.trim_end())
    };
    lines.iter().map(line).collect()
}

/// `text` on one line.
pub(crate) fn flat(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
