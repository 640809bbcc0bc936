//! What waits for what, laid out in layers: each step below all that it waits for.
//!
//! Edges that follow from others are left out. An edge over several layers gets a place of its own
//! in each, so that it passes between the steps and not behind them. Circles, which only a broken
//! program has, are cut where they close.

use std::collections::{BTreeMap, BTreeSet};

/// A step of the picture.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Node {
    /// Its name.
    pub(crate) name: String,
    /// Its kind.
    pub(crate) kind: String,
    /// What it waits for.
    pub(crate) needs: Vec<String>,
    /// What it does, for its colour.
    pub(crate) role: Role,
}

/// What a step does.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Role {
    /// It computes.
    Work,
    /// It looks something up.
    Lookup,
    /// It decides.
    Decision,
    /// It moves traffic.
    Rollout,
}

/// What waits for what.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Graph {
    /// The steps, in the order written.
    pub(crate) nodes: Vec<Node>,
    /// From a step to one that waits for it, by their numbers; sorted.
    pub(crate) edges: Vec<(usize, usize)>,
}

/// A place in a layer: a step, or where an edge passes.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Spot {
    /// The step of this number.
    Step(usize),
    /// The edge of this number, in this layer.
    Pass(usize, usize),
}

/// The layers from the top, each from left to right, and each edge as the spots it leads through.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Layout {
    /// What stands in each layer.
    pub(crate) layers: Vec<Vec<Spot>>,
    /// Each edge, from its beginning to its end.
    pub(crate) ways: Vec<Vec<Spot>>,
}

/// How often layers are sorted by their neighbours: more changes little.
const ROUNDS: usize = 8;

impl Graph {
    /// The graph of `nodes`; what they need beside them is left out.
    pub(crate) fn of(nodes: Vec<Node>) -> Self {
        let numbers: BTreeMap<&str, usize> =
            nodes.iter().enumerate().map(|(number, node)| (&*node.name, number)).collect();
        let mut edges: Vec<(usize, usize)> = Vec::new();
        for (number, node) in nodes.iter().enumerate() {
            let needs = node.needs.iter().filter_map(|need| numbers.get(&**need));
            edges.extend(needs.filter(|need| **need != number).map(|need| (*need, number)));
        }
        edges.sort_unstable();
        edges.dedup();
        let edges = without_circles(nodes.len(), edges);
        let edges = reduced(&edges);
        Self { nodes, edges }
    }

    /// The layers.
    pub(crate) fn layout(&self) -> Layout {
        let depth = depths(self.nodes.len(), &self.edges);
        let at = |node: usize| depth.get(node).copied().unwrap_or_default();
        let height = depth.iter().map(|depth| depth + 1).max().unwrap_or_default();
        let mut layers: Vec<Vec<Spot>> = vec![Vec::new(); height];
        let mut put = |layer: usize, spot: Spot| {
            if let Some(layer) = layers.get_mut(layer) {
                layer.push(spot);
            }
        };
        for node in 0..self.nodes.len() {
            put(at(node), Spot::Step(node));
        }
        let mut ways = Vec::new();
        for (number, (from, to)) in self.edges.iter().enumerate() {
            let mut way = vec![Spot::Step(*from)];
            for layer in at(*from) + 1..at(*to) {
                way.push(Spot::Pass(number, layer));
                put(layer, Spot::Pass(number, layer));
            }
            way.push(Spot::Step(*to));
            ways.push(way);
        }
        let mut layout = Layout { layers, ways };
        layout.untangle();
        layout
    }
}

impl Layout {
    /// Moves what is joined together: each spot to the middle of its neighbours, layer by layer,
    /// downwards and upwards in turn.
    fn untangle(&mut self) {
        let mut above: BTreeMap<Spot, Vec<Spot>> = BTreeMap::new();
        let mut below: BTreeMap<Spot, Vec<Spot>> = BTreeMap::new();
        for (from, to) in self.ways.iter().flat_map(|way| way.iter().zip(way.iter().skip(1))) {
            above.entry(*to).or_default().push(*from);
            below.entry(*from).or_default().push(*to);
        }
        for round in 0..ROUNDS {
            let neighbours = if round % 2 == 0 { &above } else { &below };
            let order: Vec<usize> = if round % 2 == 0 {
                (0..self.layers.len()).collect()
            } else {
                (0..self.layers.len()).rev().collect()
            };
            let mut places = self.places();
            for at in order {
                let Some(layer) = self.layers.get_mut(at) else { continue };
                let middle = |spot: &Spot| {
                    let near = neighbours.get(spot).map(Vec::as_slice).unwrap_or_default();
                    let sum: usize = near.iter().filter_map(|spot| places.get(spot)).sum();
                    // Places are thousandths, so that a mean is whole enough to be compared.
                    match near.len() {
                        0 => places.get(spot).copied().unwrap_or_default() * 1_000,
                        count => sum * 1_000 / count,
                    }
                };
                layer.sort_by_cached_key(middle);
                let moved: Vec<(Spot, usize)> = centred(layer);
                places.extend(moved);
            }
        }
    }

    fn places(&self) -> BTreeMap<Spot, usize> {
        self.layers.iter().flat_map(|layer| centred(layer)).collect()
    }
}

/// The places of a layer's spots, so that all layers have the same middle.
fn centred(layer: &[Spot]) -> Vec<(Spot, usize)> {
    /// Far more than half of the widest layer.
    const MIDDLE: usize = 1 << 20;
    let first = MIDDLE - layer.len();
    layer.iter().enumerate().map(|(at, spot)| (*spot, first + 2 * at)).collect()
}

/// `edges` without those that close a circle.
fn without_circles(count: usize, edges: Vec<(usize, usize)>) -> Vec<(usize, usize)> {
    let mut kept: Vec<(usize, usize)> = Vec::new();
    for edge in edges {
        if !reached(&kept, edge.1, None).contains(&edge.0) {
            kept.push(edge);
        }
    }
    debug_assert!(kept.iter().all(|(from, to)| *from < count && *to < count), "numbers of nodes");
    kept
}

/// `edges` without those that others lead to as well.
fn reduced(edges: &[(usize, usize)]) -> Vec<(usize, usize)> {
    let follows = |edge: &&(usize, usize)| !reached(edges, edge.0, Some(**edge)).contains(&edge.1);
    edges.iter().filter(follows).copied().collect()
}

/// What can be reached from `start` without the edge `but`.
fn reached(edges: &[(usize, usize)], start: usize, but: Option<(usize, usize)>) -> BTreeSet<usize> {
    let mut seen = BTreeSet::new();
    let mut open = vec![start];
    while let Some(at) = open.pop() {
        let next = edges.iter().filter(|edge| edge.0 == at && Some(**edge) != but);
        for (_, to) in next {
            if seen.insert(*to) {
                open.push(*to);
            }
        }
    }
    seen
}

/// How many steps stand above each at the most.
fn depths(count: usize, edges: &[(usize, usize)]) -> Vec<usize> {
    let mut depth = vec![0_usize; count];
    // As often as the longest way has edges; a circle cannot be among them.
    for _ in 0..count {
        let mut moved = false;
        for (from, to) in edges {
            let wanted = depth.get(*from).map_or(0, |depth| depth + 1);
            if let Some(depth) = depth.get_mut(*to).filter(|depth| **depth < wanted) {
                *depth = wanted;
                moved = true;
            }
        }
        if !moved {
            break;
        }
    }
    depth
}

#[cfg(test)]
mod tests;
