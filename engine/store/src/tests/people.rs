//! Who holds what: requests with a name on them, the line of an environment, and the audit log.

use super::*;
use crate::Wish;
use suho_domain::BasisPoints;
use suho_scheduler::Hold;

fn hold(why: &str) -> Hold {
    Hold { by: "ann".to_owned(), why: why.to_owned(), since: at(3) }
}

fn asked(world: &World, run: &RunId) -> Vec<(String, String)> {
    let open = (&world.store).requests(run).unwrap();
    open.into_iter().map(|request| (request.kind, request.why)).collect()
}

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(kind, why)| ((*kind).to_owned(), (*why).to_owned())).collect()
}

/// The candidate's share in the next generation of the route.
fn shared(generation: u64, patch: u32, points: u16) -> Change {
    let share = BasisPoints::new(points).unwrap();
    Change::Route(RouteRow {
        slot: slot(),
        generation,
        production: None,
        candidate: Some((model_id(patch), share)).filter(|_| points > 0),
        deployment: None,
    })
}

#[test]
fn a_wish_reaches_its_run_with_its_step_and_leaves_a_line_in_the_audit_log() {
    let world = World::new();
    let reader = SqliteStore::open(world.dir.path(), Access::Read).unwrap();
    let wish = Wish {
        run: world.run.id.clone(),
        kind: "approve".to_owned(),
        subject: Some(name("sign_off")),
        by: "bob".to_owned(),
        why: "looks fine".to_owned(),
        at: at(4),
    };
    let id = reader.wish(&wish).unwrap();
    let open = (&world.store).requests(&world.run.id).unwrap();
    assert_eq!((open[0].id, open[0].subject.clone()), (id, Some(name("sign_off"))));
    assert_eq!(world.store.asked_runs("rehearsal").unwrap(), std::slice::from_ref(&world.run.id));
    assert_eq!(world.store.asked_runs("default").unwrap(), []);
    let verified = world.store.verify_all().unwrap();
    assert_eq!((verified.audit_lines, verified.found.len()), (1, 0));
    let nobody = Wish { run: RunId::derive(&["nobody"]), ..wish };
    assert!(matches!(reader.wish(&nobody), Err(StoreError::Missing(_))));
    assert_eq!(world.store.verify_all().unwrap().audit_lines, 1);
}

#[test]
fn a_stopped_line_is_told_to_runs_under_way_and_to_those_that_begin() {
    let mut world = World::new();
    let first = world.run.id.clone();
    assert!(world.store.freeze("rehearsal", &hold("payrolls")).unwrap());
    assert!(!world.store.freeze("rehearsal", &hold("again")).unwrap());
    let second = world.store.create_run(&new_run("rehearsal")).unwrap().id;
    let elsewhere = world.store.create_run(&new_run("default")).unwrap().id;
    for run in [&first, &second] {
        assert_eq!(asked(&world, run), pairs(&[("freeze", "payrolls")]));
    }
    assert_eq!(asked(&world, &elsewhere), []);
    assert_eq!(world.store.frozen("rehearsal").unwrap(), Some(hold("payrolls")));
    assert_eq!(world.store.frozen("default").unwrap(), None);
    let thawed = world.store.thaw("rehearsal", "bob", "over", at(9)).unwrap();
    assert_eq!(thawed, Some(hold("payrolls")));
    assert_eq!(world.store.thaw("rehearsal", "bob", "over", at(9)).unwrap(), None);
    assert_eq!(asked(&world, &second), pairs(&[("freeze", "payrolls"), ("thaw", "over")]));
    assert_eq!(world.store.verify_all().unwrap().audit_lines, 2);
}

#[test]
fn nothing_that_moves_traffic_up_is_committed_while_the_line_is_stopped() {
    let mut world = World::new();
    let run = world.run.id.clone();
    world.commit(canaried(&run, 0));
    world.commit(vec![shared(1, 0, 1_000)]);
    world.store.freeze("rehearsal", &hold("payrolls")).unwrap();
    let refused = world.refusal(vec![shared(2, 0, 2_500)]);
    assert_eq!(refused, "the line of `rehearsal` is stopped by ann: payrolls");
    let promotion = vec![go(0, ModelStatus::Canary, 5, Move::Promote), route(2, Some(0))];
    let refused = world.refusal(promotion);
    assert_eq!(refused, "the line of `rehearsal` is stopped by ann: payrolls");
    // Back and where it is, traffic always may be; forward again it may not.
    world.commit(vec![shared(2, 0, 1_000), shared(3, 0, 0)]);
    world.refusal(vec![shared(4, 0, 1)]);
    world.store.thaw("rehearsal", "bob", "over", at(9)).unwrap();
    world.commit(vec![shared(4, 0, 2_500)]);
    world.commit(vec![go(0, ModelStatus::Canary, 5, Move::Promote), route(5, Some(0))]);
}

#[test]
fn a_run_that_is_opened_again_is_told_anew_that_the_line_is_stopped() {
    let mut world = World::new();
    let run = world.run.id.clone();
    world.store.freeze("rehearsal", &hold("payrolls")).unwrap();
    let request = (&world.store).requests(&run).unwrap()[0].id;
    world.commit(vec![Change::Answer { request }]);
    assert_eq!(asked(&world, &run), []);
    let mut again = world.commit_of(Vec::new());
    again.events = vec![Event::RetryRequested { from: None, at: at(5) }];
    world.store.commit(&again).unwrap();
    assert_eq!(asked(&world, &run), pairs(&[("freeze", "payrolls")]));
}
