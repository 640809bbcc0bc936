use super::*;
use crate::FileId;
use suho_syntax::ast::Span;

/// `a-b` for `a` needs `b`; steps stand in the order of their names.
fn told(edges: &[(String, String)]) -> Vec<String> {
    let name = |text: &String| Name::new(&**text).unwrap();
    let mut needs = Needs::new();
    for (step, need) in edges {
        needs.entry(name(step)).or_default().insert(name(need));
        needs.entry(name(need)).or_default();
    }
    let at = |n: usize| At::new(FileId(0), Span { start: n, end: n });
    let places = needs.keys().enumerate().map(|(n, step)| (step.clone(), at(n))).collect();
    circles(&needs, &places).into_iter().map(|found| found.message).collect()
}

fn edges(text: &str) -> Vec<(String, String)> {
    let edge = |edge: &str| edge.split_once('-').map(|(a, b)| (a.to_owned(), b.to_owned()));
    text.split_whitespace().filter_map(edge).collect()
}

#[test]
fn each_circle_is_told_once_and_a_diamond_is_none() {
    assert_eq!(told(&edges("d-b d-c b-a c-a")), Vec::<String>::new());
    assert_eq!(told(&edges("a-b b-c c-a d-c")), ["these need each other: `a` → `b` → `c` → `a`"]);
    assert_eq!(told(&edges("a-a")), ["these need each other: `a` → `a`"]);
    let two = ["these need each other: `a` → `b` → `a`", "these need each other: `b` → `c` → `b`"];
    assert_eq!(told(&edges("a-b b-a b-c c-b")), two);
}

#[test]
fn a_hundred_thousand_steps_deep_overflow_nothing() {
    let step = |n: u32| format!("s{n:06}");
    let mut chain: Vec<_> = (0..100_000).map(|n| (step(n), step(n + 1))).collect();
    assert_eq!(told(&chain), Vec::<String>::new());
    chain.push((step(100_000), step(99_999)));
    assert_eq!(told(&chain), ["these need each other: `s099999` → `s100000` → `s099999`"]);
}
