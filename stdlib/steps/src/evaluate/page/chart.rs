//! Confidence against accuracy as an SVG picture.

use std::fmt::Write as _;
use suho_stats::Confidence;

const WIDTH: f64 = 560.0;
const HEIGHT: f64 = 360.0;
/// Room for the shares beside the picture.
const LEFT: f64 = 48.0;
/// Room for the probabilities below it.
const BELOW: f64 = 28.0;
const EDGE: f64 = 8.0;
/// Room right of it, for half of the last probability's name.
const RIGHT: f64 = 24.0;

/// The bins as points on their mean confidence, and as bars as high as their share of all rows.
pub(super) fn calibration(bins: &[Confidence]) -> String {
    let x = |share: f64| LEFT + (WIDTH - LEFT - RIGHT) * share;
    let y = |share: f64| EDGE + (HEIGHT - BELOW - EDGE) * (1.0 - share);
    let all: usize = bins.iter().map(|bin| bin.rows).sum();
    let mut text = format!(
        "<svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" style=\"max-width: {WIDTH}px\" role=\"img\" \
         aria-label=\"How often it was right, by the probability it gave\">\n"
    );
    for share in [0.0, 0.25, 0.5, 0.75, 1.0] {
        let (named, (at, across)) = (100.0 * share, (y(share), x(share)));
        let _infallible = writeln!(
            text,
            "<line x1=\"{LEFT}\" y1=\"{at:.1}\" x2=\"{right}\" y2=\"{at:.1}\"/>\
             <text x=\"{beside}\" y=\"{at:.1}\" class=\"value\">{named:.0} %</text>\
             <text x=\"{across:.1}\" y=\"{bottom}\" class=\"middle\">{named:.0} %</text>",
            right = WIDTH - RIGHT,
            beside = LEFT - EDGE,
            bottom = HEIGHT - EDGE,
        );
    }
    for bin in bins {
        let share = bin.rows as f64 / all.max(1) as f64;
        let _infallible = writeln!(
            text,
            "<rect x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{:.1}\"/>",
            x(bin.above) + 1.0,
            y(share),
            x(bin.to) - x(bin.above) - 2.0,
            y(0.0) - y(share),
        );
    }
    let _infallible = writeln!(
        text,
        "<line class=\"even\" x1=\"{:.1}\" y1=\"{:.1}\" x2=\"{:.1}\" y2=\"{:.1}\"/>",
        x(0.0),
        y(0.0),
        x(1.0),
        y(1.0)
    );
    let mut path = String::new();
    for bin in bins {
        let command = if path.is_empty() { 'M' } else { 'L' };
        let (across, at) = (x(bin.mean), y(bin.accuracy));
        let _infallible = write!(path, "{command}{across:.1} {at:.1}");
        let _infallible = writeln!(text, "<circle cx=\"{across:.1}\" cy=\"{at:.1}\" r=\"3.5\"/>");
    }
    let _infallible = writeln!(text, "<path d=\"{path}\"/>\n</svg>");
    text
}
