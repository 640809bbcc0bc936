//! A line over time as an SVG picture.

use std::fmt::Write as _;

const WIDTH: f64 = 960.0;
const HEIGHT: f64 = 240.0;
/// Room for the numbers beside the line.
const LEFT: f64 = 96.0;
/// Room for the days below it.
const BELOW: f64 = 24.0;
/// Columns of the line at most: more than a screen shows.
const COLUMNS: usize = 900;

/// `values` in order, from the day `from` to the day `to`; `written` writes a value beside the line.
pub(super) fn line(
    what: &str,
    values: &[f64],
    (from, to): (&str, &str),
    written: fn(f64) -> String,
) -> String {
    let least = values.iter().copied().fold(f64::INFINITY, f64::min);
    let most = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let height = if most > least { most - least } else { 1.0 };
    let y = |value: f64| 8.0 + (HEIGHT - BELOW - 16.0) * (most - value) / height;
    let count = values.len().saturating_sub(1).max(1) as f64;
    let x = |at: usize| LEFT + (WIDTH - LEFT - 8.0) * at as f64 / count;
    let mut path = String::new();
    for (at, value) in thinned(values) {
        let command = if path.is_empty() { 'M' } else { 'L' };
        let _infallible = write!(path, "{command}{:.1} {:.1}", x(at), y(value));
    }
    let bottom = HEIGHT - 6.0;
    let right = WIDTH - 8.0;
    format!(
        "<svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"{what}\">\n\
         <line x1=\"{LEFT}\" y1=\"{high}\" x2=\"{right}\" y2=\"{high}\"/>\
         <line x1=\"{LEFT}\" y1=\"{low}\" x2=\"{right}\" y2=\"{low}\"/>\n\
         <text x=\"{edge}\" y=\"{high}\" class=\"value\">{most}</text>\
         <text x=\"{edge}\" y=\"{low}\" class=\"value\">{least}</text>\n\
         <text x=\"{LEFT}\" y=\"{bottom}\">{from}</text>\
         <text x=\"{right}\" y=\"{bottom}\" class=\"value\">{to}</text>\n\
         <path d=\"{path}\"/>\n</svg>\n",
        high = y(most),
        low = y(most - height),
        edge = LEFT - 8.0,
        most = written(most),
        least = written(least),
    )
}

/// The least and the largest of each column, so that no peak is lost.
fn thinned(values: &[f64]) -> Vec<(usize, f64)> {
    let size = values.len().div_ceil(COLUMNS).max(1);
    let mut kept = Vec::new();
    for (column, part) in values.chunks(size).enumerate() {
        let numbered = || part.iter().copied().enumerate();
        let least = numbered().min_by(|a, b| a.1.total_cmp(&b.1));
        let most = numbered().max_by(|a, b| a.1.total_cmp(&b.1));
        let mut ends: Vec<(usize, f64)> = least.into_iter().chain(most).collect();
        ends.sort_by_key(|(at, _)| *at);
        ends.dedup_by_key(|(at, _)| *at);
        kept.extend(ends.into_iter().map(|(at, value)| (column * size + at, value)));
    }
    kept
}
