//! The table of pages against the router's own text.

use super::openapi::PAGES;
use std::collections::BTreeSet;

#[test]
fn the_description_names_every_route_and_no_other() {
    let text = include_str!("../api.rs");
    let mut routed = BTreeSet::new();
    for route in text.split(".route(\"").skip(1) {
        let (path, rest) = route.split_once("\", ").unwrap();
        let methods = rest.split('\n').next().unwrap();
        for method in ["get", "post"] {
            if methods.contains(&format!("{method}(")) {
                routed.insert((method, path));
            }
        }
    }
    let described: BTreeSet<_> = PAGES.iter().map(|(method, path, _)| (*method, *path)).collect();
    assert_eq!(described, routed);
    assert_eq!(described.len(), PAGES.len(), "a page is described twice");
}
