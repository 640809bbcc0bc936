use super::{Graph, Node, Role, Spot};

fn graph(steps: &[(&str, &[&str])]) -> Graph {
    let node = |(name, needs): &(&str, &[&str])| Node {
        name: (*name).to_owned(),
        kind: "step".to_owned(),
        needs: needs.iter().map(|need| (*need).to_owned()).collect(),
        role: Role::Work,
    };
    Graph::of(steps.iter().map(node).collect())
}

#[test]
fn edges_that_follow_from_others_are_left_out() {
    let graph = graph(&[("a", &[]), ("b", &["a"]), ("c", &["a", "b"]), ("d", &["a", "c", "gone"])]);
    assert_eq!(graph.edges, [(0, 1), (1, 2), (2, 3)]);
}

#[test]
fn each_step_stands_below_all_that_it_waits_for() {
    let graph = graph(&[("a", &[]), ("b", &[]), ("c", &["a"]), ("d", &["c", "b"]), ("e", &["d"])]);
    let layout = graph.layout();
    let layer = |step: usize| {
        layout.layers.iter().position(|layer| layer.contains(&Spot::Step(step))).unwrap()
    };
    for (from, to) in &graph.edges {
        assert!(layer(*from) < layer(*to));
    }
    // The edge from `b` has a place in the layer that it passes.
    assert!(layout.layers[1].iter().any(|spot| matches!(spot, Spot::Pass(..))));
    assert!(layout.ways.iter().all(|way| way.len() >= 2));
}

#[test]
fn a_circle_is_cut_and_nothing_hangs() {
    let graph = graph(&[("a", &["c", "a"]), ("b", &["a"]), ("c", &["b"])]);
    assert_eq!(graph.edges.len(), 2);
    assert_eq!(graph.layout().layers.len(), 3);
}

#[test]
fn no_steps_make_no_picture() {
    assert_eq!(graph(&[]).layout().layers.len(), 0);
}

#[test]
fn neighbours_stand_where_their_lines_do_not_cross() {
    let graph = graph(&[("a", &[]), ("b", &[]), ("x", &["b"]), ("y", &["a"])]);
    let layout = graph.layout();
    let order = |layer: usize| layout.layers[layer].clone();
    let (top, bottom) = (order(0), order(1));
    let is_first = |layer: &[Spot], step: usize| layer[0] == Spot::Step(step);
    assert_eq!(is_first(&top, 0), is_first(&bottom, 3), "{layout:?}");
}
