//! The whole table of deaths.

use super::*;
use expect_test::expect;
use std::fmt::Write as _;

#[test]
fn every_death_has_a_class() {
    let mut table = String::new();
    let exits = [
        Exit::Code(0),
        Exit::Code(1),
        Exit::Code(2),
        Exit::Code(3),
        Exit::Code(70),
        Exit::Code(101),
        Exit::Code(137),
        Exit::Code(143),
        Exit::Signal(2),
        Exit::Signal(6),
        Exit::Signal(9),
        Exit::Signal(11),
        Exit::Signal(15),
        Exit::Signal(24),
        Exit::Unseen,
    ];
    for exit in exits {
        let class = classify(Death { exit, reason: Reason::Unreported });
        writeln!(table, "{exit:?}: {class}").unwrap();
    }
    for reason in [Reason::Cancelled, Reason::OutOfMemory, Reason::Preempted, Reason::TimeLimit] {
        let class = classify(Death { exit: Exit::Code(137), reason });
        writeln!(table, "Code(137) and {reason:?}: {class}").unwrap();
    }
    expect![[r#"
        Code(0): infrastructure
        Code(1): infrastructure
        Code(2): user
        Code(3): infrastructure
        Code(70): bug
        Code(101): bug
        Code(137): infrastructure
        Code(143): preempted
        Signal(2): preempted
        Signal(6): bug
        Signal(9): infrastructure
        Signal(11): bug
        Signal(15): preempted
        Signal(24): timeout
        Unseen: infrastructure
        Code(137) and Cancelled: cancelled
        Code(137) and OutOfMemory: out_of_memory
        Code(137) and Preempted: preempted
        Code(137) and TimeLimit: timeout
    "#]]
    .assert_eq(&table);
}
