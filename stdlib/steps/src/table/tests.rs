use crate::tests::{World, fields};
use suho_domain::Value;

#[test]
fn a_table_has_what_may_be_learnt_from_and_nothing_of_the_test() {
    let world = World::new();
    let data = world.data();
    let inputs = fields([("data", Value::Record(data.clone()))]);
    let outputs = world.run("table", inputs.clone()).unwrap();
    let path = world.artifacts().join(outputs.get("table").unwrap().to_string());
    let text = std::fs::read_to_string(path).unwrap();
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some("time,part,label,close,rsi_14,atr_14"));
    let count = |part: &str| text.lines().filter(|line| line.contains(part)).count();
    let rows = |part: &str| match data[part].field("rows") {
        Some(Value::Int(rows)) => usize::try_from(*rows).unwrap(),
        other => panic!("{other:?}"),
    };
    assert_eq!(count(",train,"), rows("train"));
    assert_eq!(count(",validation,"), rows("validation"));
    assert_eq!(count(",test,"), 0);
    // It ends where validation does, before the test begins.
    let last = text.lines().last().unwrap();
    assert!(last.contains(",validation,"), "{last}");
    let Some(Value::Range(test)) = data["test"].field("window") else { panic!("no window") };
    assert!(last.split(',').next().unwrap() < test.0.to_string().as_str(), "{last}");
    world.runs_twice_alike("table", inputs);
}
