//! The API's description, held against what the code that reads a request says.

use super::shop::HOURLY;
use super::*;
use serde_json::Value as Json;
use std::collections::BTreeSet;

#[test]
fn each_page_takes_what_its_description_says_and_nothing_else() {
    let shop = Shop::new(HOURLY, "2026-03-02T10:30:00Z");
    let daemon = shop.open();
    let (_, text) = asks(&daemon.place, "GET /v1/openapi.json", &[], "");
    let description: Json = serde_json::from_str(&text).unwrap();
    let mut looked_at = 0;
    for (path, methods) in description["paths"].as_object().unwrap() {
        let place = path.replace("{run}", "0").replace("{pipeline}", "p");
        let place = place.replace("{schedule}", "s");
        for (method, page) in methods.as_object().unwrap() {
            let described: BTreeSet<String> = if method == "get" {
                let parameters = page["parameters"].as_array().unwrap();
                let asked = parameters.iter().filter(|it| it["in"] == "query");
                asked.map(|it| it["name"].as_str().unwrap().to_owned()).collect()
            } else {
                let fields = &page["requestBody"]["content"]["application/json"]["schema"];
                let fields = fields["properties"].as_object();
                fields.map(|fields| fields.keys().cloned().collect()).unwrap_or_default()
            };
            let (request, body) = match method.as_str() {
                "get" => (format!("GET {place}?nonsense=1"), ""),
                _ => (format!("POST {place}"), r#"{"nonsense":1}"#),
            };
            let (status, answer) = asks(&daemon.place, &request, &[], body);
            if described.is_empty() {
                // It reads nothing of either.
                assert!(matches!(status, 200 | 404), "{request}: {status} {answer}");
                continue;
            }
            assert!(matches!(status, 400 | 422), "{request}: {status} {answer}");
            // It names what it would have taken.
            let (_, known) = answer.split_once("expected ").unwrap();
            let known = known.split('`').skip(1).step_by(2).map(str::to_owned);
            assert_eq!(known.collect::<BTreeSet<_>>(), described, "{request}");
            looked_at += 1;
        }
    }
    daemon.leave();
    assert!(looked_at > 15, "{looked_at}");
}
