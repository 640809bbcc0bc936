use super::*;
use std::collections::BTreeSet;

fn minutes(arrivals: &Arrivals, count: i64) -> Vec<Vec<Arrival>> {
    let minute = |n| Instant::from_micros(n * Duration::MINUTE.micros());
    (0..count).map(|n| arrivals.in_minute(minute(n))).collect()
}

#[test]
fn as_many_as_asked_for_arrive_on_average() {
    let arrivals = Arrivals::new(["1", "rehearsal/p/1"], 1_000, 12);
    let counts: Vec<_> = minutes(&arrivals, 2_000).iter().map(Vec::len).collect();
    let mean = counts.iter().sum::<usize>() as f64 / 2_000.0;
    // The standard error of the mean is √(12 / 2) / √2000 = 0.055.
    assert!((mean - 12.0).abs() < 0.2, "{mean}");
    assert!(counts.iter().max() > counts.iter().min(), "arrivals vary");
}

#[test]
fn requests_stay_inside_their_minute_in_order_and_come_from_all_users() {
    let arrivals = Arrivals::new(["1", "rehearsal/p/1"], 50, 12);
    let mut users = BTreeSet::new();
    for (n, minute) in (0_i64..).zip(minutes(&arrivals, 200)) {
        let begin = n * Duration::MINUTE.micros();
        assert!(minute.is_sorted());
        for arrival in minute {
            let within = arrival.time.micros() - begin;
            assert!((0..Duration::MINUTE.micros()).contains(&within));
            users.insert(arrival.unit);
        }
    }
    assert_eq!(users, (0..50).collect());
}

#[test]
fn another_seed_draws_other_requests_and_the_same_one_the_same() {
    let draw = |seeds| minutes(&Arrivals::new(seeds, 1_000, 12), 5);
    assert_eq!(draw(["1", "rehearsal/p/1"]), draw(["1", "rehearsal/p/1"]));
    assert_ne!(draw(["1", "rehearsal/p/1"]), draw(["2", "rehearsal/p/1"]));
    assert_ne!(draw(["1", "rehearsal/p/1"]), draw(["1", "rehearsal/p/2"]));
}
