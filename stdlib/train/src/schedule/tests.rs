use super::*;

/// The rates of three epochs of two batches, in thousandths of the one written.
fn rates(schedule: Schedule) -> Vec<f64> {
    let moment =
        |step: usize| Moment { epoch: 1 + step / 2, epochs: 3, batch: step % 2, batches: 2 };
    let rate = |step| (1_000.0 * schedule.rate(1.0, moment(step))).round();
    (0..6).map(rate).collect()
}

#[test]
fn each_schedule_has_its_course() {
    assert_eq!(rates(Schedule::Constant), [1_000.0; 6]);
    let halved = [1_000.0, 1_000.0, 500.0, 500.0, 250.0, 250.0];
    assert_eq!(rates(Schedule::Step { every: 1, factor: 0.5 }), halved);
    let warm = [500.0, 1_000.0, 1_000.0, 775.0, 325.0, 100.0];
    assert_eq!(rates(Schedule::Cosine { warm_up: 1, least: 0.1 }), warm);
    let cold = [1_000.0, 905.0, 655.0, 345.0, 95.0, 0.0];
    assert_eq!(rates(Schedule::Cosine { warm_up: 0, least: 0.0 }), cold);
}

#[test]
fn a_schedule_that_is_none_is_refused() {
    let mistakes = [
        Schedule::Step { every: 0, factor: 0.5 }.mistake(3),
        Schedule::Step { every: 1, factor: 1.5 }.mistake(3),
        Schedule::Cosine { warm_up: 3, least: 0.0 }.mistake(3),
        Schedule::Cosine { warm_up: 0, least: f64::NAN }.mistake(3),
        Schedule::Constant.mistake(1),
    ];
    let named = mistakes.map(|mistake| mistake.map(|(setting, _)| setting));
    assert_eq!(named, [Some("every"), Some("factor"), Some("warm_up"), Some("least"), None]);
}
