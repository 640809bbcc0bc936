//! What passes and what does not.

use super::*;

#[test]
fn only_what_is_listed_passes() {
    let given = ["PATH", "SUHO_LOG", "AWS_SECRET_ACCESS_KEY", "PATH2", "NOT_SUHO_X", "TZ"];
    let all = given.map(|name| (OsString::from(name), OsString::from("x")));
    let names: Vec<_> = allowed(all).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["PATH", "SUHO_LOG", "TZ"]);
}
