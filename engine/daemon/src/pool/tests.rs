//! What becomes of a run whose thread came back, and how long it waits.

use super::*;
use suho_driver::world::WorldError;

fn refused(fault: Fault) -> Carried {
    let (code, message) = ("code".to_owned(), "no".to_owned());
    Carried::Refused(WorldError { code, message, help: None, fault }.into())
}

#[test]
fn the_world_may_grant_later_what_it_refuses_now_and_nobody_else() {
    assert_eq!(judge(Carried::Ended), Next::Nothing);
    assert_eq!(judge(Carried::Left), Next::Nothing);
    assert_eq!(judge(refused(Fault::World)), Next::Again("no".to_owned()));
    assert_eq!(judge(refused(Fault::User)), Next::Quarantine("no".to_owned()));
    assert_eq!(judge(refused(Fault::Bug)), Next::Quarantine("no".to_owned()));
    let bug = Carried::Refused(EngineError::Bug("we are wrong".to_owned()));
    assert_eq!(judge(bug), Next::Quarantine("we are wrong".to_owned()));
    let unknown = StoreError::Unknown { doing: "commit".to_owned(), source: "disk".into() };
    assert!(matches!(judge(Carried::Refused(unknown.into())), Next::Stop(_)));
}

#[test]
fn waits_double_up_to_five_minutes() {
    let waits = [0, 1, 2, 5, 6, 10, 4_000_000_000].map(|failures| wait(failures).micros());
    assert_eq!(waits.map(|wait| wait / 1_000_000), [5, 10, 20, 160, 300, 300, 300]);
}
