//! Predictions and their labels, the step cache, requests.

use super::*;
use suho_driver::ports::CacheEntry;

fn canary() -> World {
    let mut world = World::new();
    let run = world.run.id.clone();
    world.commit(trained(&run, 0));
    world.commit(vec![deploy("canary", "canary", 0)]);
    world
}

fn kept(world: &mut World) -> Vec<Prediction> {
    world.store.rollout(&deployment_id("canary")).unwrap().unwrap().1
}

#[test]
fn answers_are_read_back_in_order_of_time() {
    let mut world = canary();
    let rows: Vec<_> = (0..150).map(|n| prediction(n, i64::from(n / 10), 0)).collect();
    let mut backwards = rows.clone();
    backwards.reverse();
    let (late, early) = backwards.split_at(80);
    world.commit(vec![predictions("canary", late.to_vec())]);
    world.commit(vec![predictions("canary", early.to_vec())]);
    let mut found = kept(&mut world);
    assert!(found.is_sorted_by_key(|row| row.time));
    let number = |row: &Prediction| row.request.trim_start_matches("r-").parse::<u32>().unwrap();
    found.sort_by_key(number);
    assert_eq!(found, rows);
}

#[test]
fn the_same_answer_twice_is_one_row() {
    let mut world = canary();
    let rows: Vec<_> = (0..100).map(|n| prediction(n, 1, 0)).collect();
    world.commit(vec![predictions("canary", rows.clone())]);
    world.commit(vec![predictions("canary", rows[40..].to_vec())]);
    assert_eq!(kept(&mut world), rows);
}

#[test]
fn an_answer_of_another_rollout_is_not_dropped_in_silence() {
    let mut world = canary();
    world.commit(vec![predictions("canary", vec![prediction(1, 1, 0)])]);
    world.commit(vec![rollout("canary", 1, Some(("promoted", "fine"))), deploy("ramp", "ramp", 0)]);
    let refusal = world.refusal(vec![predictions("ramp", vec![prediction(1, 1, 0)])]);
    assert!(refusal.starts_with("prediction `r-1` of model"), "{refusal}");
}

#[test]
fn a_label_reaches_every_answer_about_its_bar() {
    let mut world = canary();
    let mut failed = prediction(3, 1, 0);
    failed.error = Some("timeout".to_owned());
    let rows = vec![prediction(0, 1, 0), prediction(1, 1, 0), prediction(2, 2, 0), failed];
    world.commit(vec![predictions("canary", rows)]);
    let label = |actual| Change::Label {
        deployment: deployment_id("canary"),
        event_time: at(60),
        actual,
        at: at(300),
    };
    world.commit(vec![label(-1)]);
    let actual = |world: &mut World| -> Vec<_> {
        let mut rows = kept(world);
        rows.sort_by(|a, b| a.request.cmp(&b.request));
        rows.into_iter().map(|row| row.actual).collect()
    };
    assert_eq!(actual(&mut world), [Some(-1), Some(-1), None, Some(-1)]);
    // A label may be revised.
    world.commit(vec![label(1)]);
    assert_eq!(actual(&mut world), [Some(1), Some(1), None, Some(1)]);
}

#[test]
fn what_is_not_finite_is_refused() {
    let mut world = canary();
    let mut row = prediction(0, 1, 0);
    row.probabilities[1] = f32::NAN;
    let refusal = world.refusal(vec![predictions("canary", vec![row])]);
    assert!(refusal.ends_with("a figure of it is not finite"), "{refusal}");
    assert!(kept(&mut world).is_empty());
}

#[test]
fn a_result_is_kept_under_its_key_and_the_newest_wins() {
    let mut world = World::new();
    let keep = |loss: f64| Change::Cache {
        key: digest("key"),
        kind: name("train"),
        step: name("fit"),
        outputs: [("loss".to_owned(), suho_domain::Value::Float(loss))].into(),
        inputs: json!({ "epochs": 3 }),
    };
    assert_eq!(world.store.cached(&[digest("key")]).unwrap(), []);
    world.commit(vec![keep(0.5)]);
    world.commit(vec![keep(0.1 + 0.2)]);
    let entry = CacheEntry {
        key: digest("key"),
        kind: name("train"),
        outputs: [("loss".to_owned(), suho_domain::Value::Float(0.1 + 0.2))].into(),
        run: world.run.id.clone(),
        step: name("fit"),
        inputs: json!({ "epochs": 3 }),
        made_at: at(10),
    };
    assert_eq!(world.store.cached(&[digest("key")]).unwrap(), [entry.clone()]);
    let of_step = |step| world.store.cache_entries_of_step(&name("quickstart"), &name(step), 9);
    assert_eq!(of_step("fit").unwrap(), [entry]);
    assert_eq!(of_step("other").unwrap(), []);
}

#[test]
fn a_request_reaches_the_engine_from_a_store_that_only_reads() {
    let mut world = World::new();
    let reader = world.reader();
    let id = reader.request(&world.run.id, "cancel", "ada", "lunch", at(3)).unwrap();
    let run = world.run.id.clone();
    let open = world.store.requests(&run).unwrap();
    assert_eq!(open.len(), 1);
    assert_eq!((open[0].id, open[0].why.as_str(), open[0].at), (id, "lunch", at(3)));
    world.commit(vec![Change::Answer { request: id }]);
    assert_eq!(world.store.requests(&run).unwrap(), []);
    let again = world.refusal(vec![Change::Answer { request: id }]);
    assert!(again.starts_with("request 1 has moved on"), "{again}");
    let nobody = RunId::derive(&["nobody"]);
    assert!(matches!(
        reader.request(&nobody, "cancel", "ada", "lunch", at(3)),
        Err(StoreError::Missing(_))
    ));
}

#[test]
fn notices_are_newest_first() {
    let mut world = World::new();
    let tell = |message: &str| Change::Notice {
        severity: "warning".to_owned(),
        message: message.to_owned(),
        model: None,
    };
    world.commit(vec![tell("one"), tell("two")]);
    let told = world.store.notices(None, 9).unwrap();
    let said: Vec<_> = told.iter().map(|n| n.message.as_str()).collect();
    assert_eq!(said, ["two", "one"]);
    assert_eq!(world.store.notices(Some(&RunId::derive(&["other"])), 9).unwrap(), []);
    let refusal = world.refusal(vec![Change::Notice {
        severity: "loud".to_owned(),
        message: String::new(),
        model: None,
    }]);
    assert!(refusal.starts_with("cannot keep a notice: error returned"), "{refusal}");
}
