//! Published delays, and their spread.

use expect_test::expect;

use super::*;

#[test]
fn a_schedule_begins_as_late_as_ever() {
    let hour = TimeDelta::hours(1);
    let line = |id: &str| format!("{id}: {} s\n", jitter(id, hour).num_seconds());
    let table: String = ["", "monthly", "monthly2", "desk/fx/monthly"].map(line).concat();
    expect![[r#"
        : 3447 s
        monthly: 1753 s
        monthly2: 3474 s
        desk/fx/monthly: 2656 s
    "#]]
    .assert_eq(&table);
}

#[test]
fn the_hash_is_the_published_one() {
    // From the FNV authors' list of test vectors.
    assert_eq!(fnv_1a(b""), 0xcbf2_9ce4_8422_2325);
    assert_eq!(fnv_1a(b"a"), 0xaf63_dc4c_8601_ec8c);
    assert_eq!(fnv_1a(b"foobar"), 0x8594_4171_f739_67e8);
}

#[test]
fn a_thousand_schedules_spread_over_the_hour() {
    let mut tenths = [0; 10];
    for n in 0..1_000 {
        let seconds = jitter(&format!("schedule_{n}"), TimeDelta::hours(1)).num_seconds();
        tenths[usize::try_from(seconds / 360).unwrap()] += 1;
    }
    assert!(tenths.iter().all(|count| (70..=130).contains(count)), "{tenths:?}");
}

#[test]
fn nothing_to_spread_over_is_no_delay() {
    for max in [TimeDelta::zero(), TimeDelta::seconds(1), TimeDelta::seconds(-60), TimeDelta::MIN] {
        assert_eq!(jitter("monthly", max), TimeDelta::zero());
    }
    assert!(jitter("monthly", TimeDelta::MAX) < TimeDelta::MAX);
}
