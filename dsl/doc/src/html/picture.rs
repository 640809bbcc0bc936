//! A graph as SVG: boxes in layers, lines that bend between them.

use super::escaped;
use crate::graph::{Graph, Role, Spot};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Everything below is in pixels.
const BOX_HEIGHT: usize = 42;
const LAYER_HEIGHT: usize = 78;
const BOX_WIDTH_MIN: usize = 96;
const LETTER_WIDTH: usize = 9;
const PADDING: usize = 26;
/// Between neighbours in a layer.
const GAP: usize = 28;
/// The lane of an edge that passes.
const LANE_WIDTH: usize = 10;
const MARGIN: usize = 12;

/// Where a spot is: its middle, and how wide it is.
#[derive(Clone, Copy)]
struct Place {
    x: usize,
    top: usize,
    width: usize,
    /// Height: nothing for an edge that passes, whose line goes straight through.
    height: usize,
}

/// `graph` as a figure.
pub(super) fn draw(graph: &Graph) -> String {
    let layout = graph.layout();
    let wide = |layer: &[Spot]| -> usize {
        let widths: usize = layer.iter().map(|spot| width(graph, *spot)).sum();
        widths + GAP * layer.len().saturating_sub(1)
    };
    let whole = layout.layers.iter().map(|layer| wide(layer)).max().unwrap_or_default();
    let mut places: BTreeMap<Spot, Place> = BTreeMap::new();
    for (row, layer) in layout.layers.iter().enumerate() {
        let mut left = MARGIN + (whole - wide(layer)) / 2;
        for spot in layer {
            let width = width(graph, *spot);
            let top = MARGIN + row * LAYER_HEIGHT;
            let height = if matches!(spot, Spot::Step(_)) { BOX_HEIGHT } else { 0 };
            places.insert(*spot, Place { x: left + width / 2, top, width, height });
            left += width + GAP;
        }
    }
    let width = whole + 2 * MARGIN;
    let height = layout.layers.len() * LAYER_HEIGHT
        - (LAYER_HEIGHT - BOX_HEIGHT).min(layout.layers.len() * LAYER_HEIGHT)
        + 2 * MARGIN;
    let mut svg = format!(
        "<div class=\"picture\"><svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" \
         height=\"{height}\" viewBox=\"0 0 {width} {height}\" role=\"img\" \
         aria-label=\"Which step waits for which; the table below says the same\">\n\
         <defs><marker id=\"end\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"7\" \
         markerHeight=\"7\" orient=\"auto\"><path d=\"M0 0 8 4 0 8z\"/></marker></defs>\n"
    );
    for way in &layout.ways {
        let way: Vec<Place> = way.iter().filter_map(|spot| places.get(spot).copied()).collect();
        let _infallible = writeln!(svg, "<path d=\"{}\" marker-end=\"url(#end)\"/>", line(&way));
    }
    for (number, node) in graph.nodes.iter().enumerate() {
        let Some(place) = places.get(&Spot::Step(number)) else { continue };
        let Place { x, top, width, height } = *place;
        let class = match node.role {
            Role::Work => "work",
            Role::Lookup => "lookup",
            Role::Decision => "decision",
            Role::Rollout => "rollout",
        };
        let _infallible = writeln!(
            svg,
            "<rect class=\"{class}\" x=\"{}\" y=\"{top}\" width=\"{width}\" height=\"{height}\" \
             rx=\"7\"/><text x=\"{x}\" y=\"{}\">{}</text><text class=\"kind\" x=\"{x}\" \
             y=\"{}\">{}</text>",
            x.saturating_sub(width / 2),
            top + 18,
            escaped(&node.name),
            top + 33,
            escaped(&node.kind),
        );
    }
    svg.push_str("</svg></div>\n");
    svg
}

fn width(graph: &Graph, spot: Spot) -> usize {
    match spot {
        Spot::Step(number) => {
            let node = graph.nodes.get(number);
            let letters = |text: &String| text.chars().count();
            let longest = node.map(|node| letters(&node.name).max(letters(&node.kind)));
            BOX_WIDTH_MIN.max(longest.unwrap_or_default() * LETTER_WIDTH + PADDING)
        }
        Spot::Pass(..) => LANE_WIDTH,
    }
}

/// A line from the lower edge of the first place to the upper edge of the last.
fn line(way: &[Place]) -> String {
    let mut line = String::new();
    let mut from: Option<Place> = None;
    for place in way {
        let Some(before) = from.replace(*place) else { continue };
        let start = before.top + if line.is_empty() { before.height } else { BOX_HEIGHT };
        if line.is_empty() {
            let _infallible = write!(line, "M{} {start}", before.x);
        } else {
            // Straight through the layer that it only passes.
            let _infallible = write!(line, " L{} {start}", before.x);
        }
        let end = place.top;
        let middle = usize::midpoint(start, end);
        let _infallible =
            write!(line, " C{} {middle} {} {middle} {} {end}", before.x, place.x, place.x);
    }
    line
}
