use super::{Faults, Part};
use crate::time::Time;
use suho_domain::{Duration, Instant, Name, Record, Value, Variant};

fn fault(name: &str, fields: &[(&str, Value)]) -> Value {
    let fields: Record = fields.iter().map(|(k, v)| ((*k).to_owned(), v.clone())).collect();
    Value::Variant(Variant { name: name.to_owned(), fields })
}

fn word(name: &str) -> Value {
    fault(name, &[])
}

#[test]
fn an_outage_has_a_beginning_and_an_end() {
    let time = Time::starting_at(Instant::from_micros(0));
    let hour = |hours| Value::Duration(Duration::from_hours(hours));
    let of = [("of", word("executor")), ("lasting", hour(2)), ("from", hour(3))];
    let faults = Faults::new(&Value::List(vec![fault("outage", &of)]), &time);
    let is_out = |part, hours| {
        faults.is_out(part, Instant::from_micros(0).plus(Duration::from_hours(hours)))
    };
    let hours: Vec<_> = (0..7).filter(|hour| is_out(Part::Executor, *hour)).collect();
    assert_eq!(hours, [3, 4]);
    assert!((0..7).all(|hour| !is_out(Part::Registry, hour)));
    assert_eq!(faults.unused(), ["outage(executor, …)"], "its time has not come");
}

#[test]
fn a_crash_happens_once() {
    let time = Time::starting_at(Instant::from_micros(0));
    let step = Name::new("candidate").unwrap();
    let of = [("step", Value::text("candidate")), ("attempt", Value::Int(2))];
    let faults = Faults::new(&Value::List(vec![fault("crash", &of)]), &time);
    assert!(!faults.kills(&step, 1));
    assert_eq!(faults.unused(), ["crash(candidate, attempt: 2)"]);
    assert!(faults.kills(&step, 2));
    assert!(!faults.kills(&step, 2), "asked again, it has died before");
    assert_eq!(faults.unused(), [""; 0]);
}

#[test]
fn an_engine_has_as_many_lives_as_crashes() {
    let time = Time::starting_at(Instant::from_micros(0));
    let step = Name::new("tenth").unwrap();
    let crash = |attempt| {
        fault("crash", &[("step", Value::text("tenth")), ("attempt", Value::Int(attempt))])
    };
    let faults = Faults::new(&Value::List(vec![crash(1), crash(2)]), &time);
    assert_eq!([(); 4].map(|()| faults.kills_engine(&step)), [true, true, false, false]);
    assert_eq!(faults.life(&step), 3);
}
