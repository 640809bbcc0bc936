use super::{Saved, differences};
use serde_json::json;
use suho_domain::Instant;

fn saved() -> Saved {
    let seen = json!({ "steps": [], "model": null });
    Saved::sealed("rehearsal", Instant::from_micros(0), json!({ "pipeline": "p" }), seen)
}

#[test]
fn a_plan_that_somebody_changed_is_not_whole() {
    assert!(saved().is_whole());
    assert!(!Saved { plan: json!({ "pipeline": "q" }), ..saved() }.is_whole());
    assert!(!Saved { at: Instant::from_micros(1), ..saved() }.is_whole());
    assert!(!Saved { environment: "prod".to_owned(), ..saved() }.is_whole());
    assert!(!Saved { seen: json!({}), ..saved() }.is_whole());
}

#[test]
fn what_moved_is_said() {
    let step = |id: &str, action: &str, reason: &str| json!({ "id": id, "action": action, "reason": reason });
    let before = json!({
        "steps": [step("data", "run", "new"), step("gate", "run", "decides")],
        "model": { "version": "v1.0.0" },
    });
    let now = json!({
        "steps": [step("data", "cached", "done by run 1"), step("gate", "run", "decides")],
        "model": { "version": "v1.0.1" },
    });
    assert_eq!(differences(&before, &before), [""; 0]);
    let expected = [
        "`data` was to be run, now taken from the cache",
        "its model's place in the registry is another",
    ];
    assert_eq!(differences(&before, &now), expected);
}
