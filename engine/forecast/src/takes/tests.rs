//! What runs take, on our own pipelines.

use super::*;
use crate::simulation::tests::checked_quickstart;
use expect_test::expect;
use suho_plan::operations::Operations;

#[test]
fn the_page_says_the_longest_way_what_decides_and_what_is_reached() {
    let checked = checked_quickstart();
    let plan = suho_plan::build(&checked.program, "quickstart", &[]).unwrap();
    let operations = Operations::of(&checked.program, &checked.library, &plan);
    let at = "2018-02-07T15:00:00Z".parse().unwrap();
    let beside = Beside::of(&operations, at, "UTC");
    expect![[r#"

        takes
          longest way  data → candidate → bt → acceptance → staging → tenth → rollout → live
          its time     4d of rollout as declared, at most 24h10m of work, an attempt each
          decides by   9 require, 1 compare, 3 rollback, 1 hold
          effects      artifacts.write, registry.write, traffic
    "#]]
    .assert_eq(&lines(&plan, &beside));
}

#[test]
fn of_two_ways_the_longer_one_counts_and_what_takes_no_time_adds_none() {
    let checked = checked_quickstart();
    let mut plan = suho_plan::build(&checked.program, "quickstart", &[]).unwrap();
    let before = way(&plan);
    assert_eq!(before.planned, Duration::from_hours(24 + 48 + 24));
    let node = plan.nodes.iter_mut().find(|node| node.name.as_str() == "leaks").unwrap();
    node.limits.timeout = Some(Duration::from_hours(100));
    let after = way(&plan);
    assert!(after.steps.iter().any(|step| step.as_str() == "leaks"), "{after:?}");
    assert!(after.work_max > before.work_max);
}
