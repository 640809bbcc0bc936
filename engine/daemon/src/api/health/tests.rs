//! How much room a disk should have.

use super::*;

#[test]
fn a_disk_that_is_nearly_full_is_not_ready() {
    let folder = Path::new("/state");
    for room in [None, Some(ROOM_MIN), Some(u64::MAX)] {
        assert!(has_room(room, folder).is_ok(), "{room:?}");
    }
    let refused = has_room(Some(ROOM_MIN - 1), folder).unwrap_err().into_response();
    assert_eq!(refused.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert!(has_room(Some(0), folder).is_err());
}
