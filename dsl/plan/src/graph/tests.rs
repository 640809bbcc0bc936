use super::*;
use crate::tests::{TINY, planned};
use expect_test::expect;

#[test]
fn an_outline_stands_by_levels() {
    expect![[r#"
        tiny  9 steps, 13 edges, 8 levels
          1  baseline    production  lookup    after –
             data        dataset     work      after –
          2  candidate   train       work      after baseline, data
          3  quality     evaluate    work      after candidate, data
          4  acceptance  gate        decision  after candidate, quality
          5  staging     shadow      rollout   after acceptance, baseline
          6  tenth       canary      rollout   after baseline, staging
          7  rollout     ramp        rollout   after tenth
          8  live        promote     decision  after baseline, rollout
    "#]]
    .assert_eq(&outline(&planned(TINY)));
}

#[test]
fn a_dot_graph_quotes_its_names() {
    expect![[r#"
        digraph "digraph" {
          rankdir = LR
          node [fontname = "sans-serif", shape = box, style = rounded]
          "node" [label = "node\nlink"]
          "end" [label = "end\nlink"]
          "edge" [label = "edge\nlink"]
          "graph" [label = "graph\nlink"]
          "node" -> "end"
          "end" -> "edge" [label = "when", style = dashed]
          "end" -> "graph" [label = "after", style = dotted]
          "node" -> "graph" [label = "after", style = dotted]
        }
    "#]]
    .assert_eq(&dot(&planned(&waiting())));
}

#[test]
fn a_mermaid_chart_numbers_its_steps() {
    expect![[r#"
        flowchart LR
          s0("node<br/>link")
          s1("end<br/>link")
          s2("edge<br/>link")
          s3("graph<br/>link")
          s0 --> s1
          s1 -. when .-> s2
          s1 -. after .-> s3
          s0 -. after .-> s3
    "#]]
    .assert_eq(&mermaid(&planned(&waiting())));
}

/// Steps that wait for data, a condition and an order, under names that other languages keep.
fn waiting() -> String {
    "edition 2026

step link {
  in one: Int = 0
  out count: Int
  exec = shell(\"true\")
}

pipeline digraph() {
  link node { }
  link end { one = node.count }
  link edge { when = end.count > 1 }
  link graph { after = [node, end] }
}
"
    .to_owned()
}
