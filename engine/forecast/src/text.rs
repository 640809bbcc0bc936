//! Words for numbers and times.

use suho_domain::{Instant, Value};
use suho_time::parse_zone;

/// `at` in `zone`, as people read it: `Wed 2018-02-07 15:00 UTC`.
pub(crate) fn local(at: Instant, zone: &str) -> String {
    match parse_zone(zone) {
        Ok(zone) => at.to_chrono().with_timezone(&zone).format("%a %Y-%m-%d %H:%M %Z").to_string(),
        Err(_) => at.to_chrono().format("%a %Y-%m-%d %H:%M UTC").to_string(),
    }
}

/// Percentage points with one decimal; a dash where there is none. No accuracy falls by all of it.
pub(crate) fn points(share: Option<f64>) -> String {
    match share {
        Some(share) if share < 1.0 => format!("{:.1} pp", share * 100.0),
        Some(_) => "nothing at all".to_owned(),
        None => "–".to_owned(),
    }
}

/// A count with separators: `3,123`.
pub(crate) fn count(value: &Value) -> String {
    let Value::Int(number) = value else { return value.to_string() };
    let digits = number.unsigned_abs().to_string();
    let mut grouped = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    if *number < 0 { format!("-{grouped}") } else { grouped }
}

/// Lines of cells with every column as wide as its widest cell, but the last.
pub(crate) fn table(indent: &str, rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut text = String::new();
    for row in rows {
        let mut line = String::from(indent);
        for (cell, width) in row.iter().zip(&widths) {
            line.push_str(cell);
            let blanks = width.saturating_sub(cell.chars().count()) + 2;
            line.extend(std::iter::repeat_n(' ', blanks));
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}
