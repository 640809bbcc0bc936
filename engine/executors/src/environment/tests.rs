//! What passes and what does not.

use super::*;

fn environment() -> Environment {
    let given = ["PATH", "SUHO_LOG", "AWS_SECRET_ACCESS_KEY", "PATH2", "NOT_SUHO_X", "TZ"];
    Environment::of(given.map(|name| (OsString::from(name), OsString::from("hush"))))
}

#[test]
fn only_what_is_listed_passes() {
    let environment = environment();
    let names: Vec<_> = environment.allowed().map(|(name, _)| name).collect();
    assert_eq!(names, ["PATH", "SUHO_LOG", "TZ"]);
}

#[test]
fn a_secret_passes_to_the_step_that_names_it() {
    let environment = environment();
    let named: Vec<_> = environment.named(["AWS_SECRET_ACCESS_KEY", "GONE"].into_iter()).collect();
    assert_eq!(named, [(OsStr::new("AWS_SECRET_ACCESS_KEY"), OsStr::new("hush"))]);
}

#[test]
fn what_opens_an_object_store_is_known_by_name() {
    let environment = environment();
    let names: Vec<_> = environment.of_store().map(|(name, _)| name).collect();
    assert_eq!(names, ["AWS_SECRET_ACCESS_KEY"]);
}

#[test]
fn nothing_shows_what_the_environment_holds() {
    assert!(!format!("{:?}", environment()).contains("hush"));
}
