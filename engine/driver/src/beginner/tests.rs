use super::*;

#[test]
fn what_is_written_is_read_again() {
    let each = [
        Beginner::Person("ana"),
        Beginner::Schedule("monthly"),
        Beginner::Push("pushed"),
        Beginner::Backfill { schedule: "monthly", person: "ana: the second" },
        Beginner::Retrain { model: "trend", person: "ana" },
    ];
    for beginner in each {
        assert_eq!(Beginner::of(&beginner.written()), beginner);
    }
}

#[test]
fn a_person_with_a_colon_is_a_person() {
    assert_eq!(Beginner::of("team:ana"), Beginner::Person("team:ana"));
    assert_eq!(Beginner::of("backfill:ana"), Beginner::Person("backfill:ana"));
}
