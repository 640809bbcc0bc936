use super::{artifacts, begins_apart, declared, is_apart, settle, settle_in};
use crate::failure::Failure;
use crate::project::Project;
use expect_test::expect;
use std::fs;
use std::path::PathBuf;
use suho_check::Program;
use tempfile::TempDir;

/// A project whose text is `environments`.
fn project(environments: &str) -> (TempDir, Project, Program) {
    let folder = TempDir::new().unwrap();
    let text = format!("edition 2026\n\nproject shop {{}}\n\n{environments}\n");
    fs::write(folder.path().join("project.suho"), &text).unwrap();
    let project = Project::of(folder.path()).unwrap();
    let checked = suho_check::check(&[("project.suho".to_owned(), text)], &project);
    assert!(checked.diagnostics.is_empty(), "{:?}", checked.diagnostics);
    (folder, project, checked.program)
}

/// The failure's text, with the project's folder left out.
fn said(failure: &Failure, project: &Project) -> String {
    failure.text().replace(&project.root().display().to_string(), "PROJECT")
}

#[test]
fn an_environment_says_where_its_artifacts_are() {
    let (_folder, project, program) = project(
        r#"
env a { artifacts = dir("./.suho/artifacts") }
env b { artifacts = dir("../models") }
env c { artifacts = s3("s3://models/prod/") }
env d { registry = sqlite("./.suho/suho.db") }
"#,
    );
    let root = project.root().parent().unwrap().display().to_string();
    let of = |name: &str| declared(&project, &program, name).map(|it| it.replace(&root, "ABOVE"));
    assert_eq!(of("a"), None);
    assert_eq!(of("b").as_deref(), Some("ABOVE/models"));
    assert_eq!(of("c").as_deref(), Some("s3://models/prod"));
    assert_eq!(of("d"), None);
    assert_eq!(of("rehearsal"), None);
}

#[test]
fn an_environment_that_keeps_its_artifacts_elsewhere_has_a_state_apart() {
    let (_folder, project, program) = project("env near {}\nenv far { artifacts = dir(\"kept\") }");
    settle(&project, &program, "near").unwrap();
    assert_eq!(project.state("near"), project.root().join(".suho"));
    assert!(!project.shared_state().exists(), "nothing is written where nothing is to be kept");

    assert_eq!(project.state("far"), project.root().join(".suho"));
    settle(&project, &program, "far").unwrap();
    let state = project.state("far");
    assert_eq!(state, project.root().join(".suho/far"));
    assert_eq!(project.states_elsewhere(), std::slice::from_ref(&state));
    assert_eq!(PathBuf::from(artifacts(&state)), project.root().join("kept"));
    // And again, as each later run does.
    settle(&project, &program, "far").unwrap();
}

#[test]
fn artifacts_do_not_move_under_a_registry_that_names_them() {
    let (_folder, project, program) = project("env far { artifacts = dir(\"kept\") }");
    settle(&project, &program, "far").unwrap();
    let state = project.state("far");
    for elsewhere in [None, Some("/somewhere/else")] {
        let failure = settle_in(&state, elsewhere, "far").unwrap_err();
        assert_eq!(failure.exit(), 2);
        assert!(said(&failure, &project).contains("`far` keeps its artifacts in `PROJECT/kept`"));
    }
    // A state that has begun with a folder of its own stays with that.
    let local = project.own_state("near");
    fs::create_dir_all(local.join("artifacts")).unwrap();
    assert!(is_apart(&local));
    settle_in(&local, None, "near").unwrap();
    let failure = settle_in(&local, Some("s3://models"), "near").unwrap_err();
    expect![[r#"
        error[artifacts-moved]: `near` keeps its artifacts in `PROJECT/.suho/near/artifacts`, and its block now says `s3://models`: its registry names what is in the old place
        help: copy everything to the new place, then write that into `PROJECT/.suho/near/artifacts`; or declare a new environment
    "#]]
    .assert_eq(&said(&failure, &project));
}

#[test]
fn a_place_that_cannot_keep_anything_is_named_before_anything_is_done() {
    let (_folder, project, program) = project("env far { artifacts = dir(\"project.suho/in\") }");
    let failure = settle(&project, &program, "far").unwrap_err();
    assert_eq!(failure.exit(), 3);
    assert!(said(&failure, &project).contains("`PROJECT/project.suho/in`"), "{}", failure.text());
    assert!(!project.shared_state().exists());
    // Where nothing was begun there is nothing to lose.
    begins_apart(&project, "far").unwrap();
}
