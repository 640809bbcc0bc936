use super::*;
use crate::golden::assert_near;

fn iid(discordance: f64) -> Power {
    Power::new(Alpha::FIVE_PERCENT, 0.8, discordance, 1.0).unwrap()
}

#[test]
fn detectable_differences_are_those_of_the_published_table() {
    let prior = Power::prior();
    let table = [
        (46, 0.164, 0.259),
        (92, 0.116, 0.183),
        (240, 0.072, 0.113),
        (480, 0.051, 0.080),
        (2_000, 0.025, 0.039),
    ];
    for (events, independent, dependent) in table {
        let ours = iid(0.2).detectable(events).defined().unwrap();
        assert_near(&format!("{events} iid"), ours, independent, 0.0, 5.1e-4);
        let ours = prior.detectable(events).defined().unwrap();
        assert_near(&format!("{events} inflated"), ours, dependent, 0.0, 5.1e-4);
    }
}

#[test]
fn events_needed_are_those_of_the_published_table() {
    let needed = [0.05, 0.03, 0.02].map(|margin| iid(0.2).events_needed(margin).unwrap());
    assert_eq!(needed, [495, 1_374, 3_092]);
    assert_eq!(Power::prior().events_needed(0.05).unwrap(), 1_237);
}

#[test]
fn the_events_needed_detect_the_margin_and_one_less_does_not() {
    for margin in [0.01, 0.05, 0.1, 0.37, 1.0] {
        let power = Power::prior();
        let events = power.events_needed(margin).unwrap();
        assert!(power.detectable(events).defined().unwrap() <= margin);
        assert!(power.detectable(events - 1).defined().is_none_or(|least| least > margin));
    }
}

#[test]
fn assumptions_out_of_range_are_refused() {
    let alpha = Alpha::FIVE_PERCENT;
    for (power, discordance, inflation) in [
        (0.5, 0.2, 1.0),
        (1.0, 0.2, 1.0),
        (0.8, 0.0, 1.0),
        (0.8, 1.1, 1.0),
        (0.8, 0.2, 0.9),
        (f64::NAN, 0.2, 1.0),
    ] {
        assert!(Power::new(alpha, power, discordance, inflation).is_err());
    }
    assert!(Power::prior().events_needed(0.0).is_err());
    assert!(Power::prior().events_needed(f64::NAN).is_err());
    assert!(Power::prior().events_needed(1e-300).is_err());
    assert_eq!(Power::prior().detectable(0), Measured::Undefined(Reason::NoObservations));
    assert!(Alpha::new(0.5).is_err() && Alpha::new(0.0).is_err() && Alpha::new(f64::NAN).is_err());
}
