use super::*;
use crate::tests::{TINY, planned};
use suho_domain::Value;

fn key(kind: &str, inputs: &[(&str, i64)]) -> Digest {
    let inputs: Record =
        inputs.iter().map(|(name, value)| ((*name).to_owned(), Value::Int(*value))).collect();
    content_key(&Name::new(kind).unwrap(), &inputs, &Digest::of(b"code"))
}

#[test]
fn a_version_is_not_content_and_everything_else_is() {
    let base = key("train", &[("epochs", 20), ("version", 1)]);
    assert_eq!(key("train", &[("epochs", 20), ("version", 2)]), base);
    assert_ne!(key("train", &[("epochs", 21), ("version", 1)]), base);
    assert_ne!(key("evaluate", &[("epochs", 20), ("version", 1)]), base);
}

#[test]
fn a_step_is_the_same_whatever_the_steps_before_it_are_called() {
    let reads = |step: &str| Expr::Output { step: Name::new(step).unwrap(), path: Vec::new() };
    let digest = |step: &str, of: &[u8]| {
        let inputs = BTreeMap::from([("data".to_owned(), reads(step))]);
        let above = BTreeMap::from([(Name::new(step).unwrap(), Digest::of(of))]);
        let train = planned(TINY).nodes.into_iter().find(|node| node.kind.as_str() == "train");
        of_node(&Node { inputs, ..train.unwrap() }, &above)
    };
    assert_eq!(digest("data", b"the same"), digest("bars", b"the same"));
    assert_ne!(digest("data", b"the same"), digest("data", b"another"));
}
