//! A plan without what deploys.

use super::*;
use crate::tests::{TINY, planned};

fn names<'a>(names: impl IntoIterator<Item = &'a Name>) -> String {
    names.into_iter().map(Name::as_str).collect::<Vec<_>>().join(" ")
}

#[test]
fn the_rollout_is_left_out_with_all_that_follows_it() {
    let whole = planned(TINY);
    let (proof, out) = whole.without_rollout();
    let kept = names(proof.nodes.iter().map(|node| &node.name));
    assert_eq!(kept, "baseline data candidate quality acceptance");
    assert_eq!(names(&out), "staging tenth rollout live");
    assert_ne!(proof.digest, whole.digest);
    for node in &proof.nodes {
        assert_eq!(Some(node), whole.node(node.name.as_str()), "what is left does the same");
    }
}

#[test]
fn a_question_goes_with_the_rollout_that_waits_for_it() {
    let asked = TINY.replace(
        "  canary tenth {\n",
        "  approve people {\n    after = [staging]\n  }\n\n  canary tenth {\n    after = [people]\n",
    );
    let early = TINY.replace(
        "  shadow staging {\n",
        "  approve people {\n    after = [acceptance]\n  }\n\n  shadow staging {\n    after = [people]\n",
    );
    for text in [asked, early] {
        let (proof, out) = planned(&text).without_rollout();
        assert!(names(&out).contains("people"), "{}", names(&out));
        assert!(proof.node("people").is_none());
    }
}

#[test]
fn a_plan_without_a_rollout_stays_as_it_is() {
    let plan = planned(
        "edition 2026\n\nuse std.rollout\n\npipeline p {\n  approve first {}\n\n  approve second {\n    \
         after = [first]\n  }\n}\n",
    );
    let (proof, out) = plan.without_rollout();
    assert_eq!((proof, out.as_slice()), (plan, &[][..]));
}
