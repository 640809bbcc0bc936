//! The folders as the source has them, and names that could fall together.

use super::*;
use expect_test::expect;
use std::fmt::Write as _;

fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

#[test]
fn each_scope_has_its_folders() {
    let mut table = String::new();
    for scope in
        [Scope::Platform, Scope::tenant("acme").unwrap(), Scope::user("acme", "user_jo").unwrap()]
    {
        let model = model_folder(&scope, &name("eurusd_lstm"), Version::FIRST).unwrap();
        let dataset = dataset_folder(&scope, &Digest::of(b"bars")).unwrap();
        writeln!(table, "{model}\n{dataset}").unwrap();
    }
    expect![[r#"
        platform/eurusd_lstm/v1.0.0
        _datasets/platform/8556ab2559634a19bd1d144dc844a0da5a0716a0d671e3b4bb2e36c23a2fe8a8
        acme/eurusd_lstm/v1.0.0
        _datasets/tenant.acme/8556ab2559634a19bd1d144dc844a0da5a0716a0d671e3b4bb2e36c23a2fe8a8
        acme/user_jo/eurusd_lstm/v1.0.0
        _datasets/user.acme.user_jo/8556ab2559634a19bd1d144dc844a0da5a0716a0d671e3b4bb2e36c23a2fe8a8
    "#]]
    .assert_eq(&table);
}

#[test]
fn names_that_could_fall_together_have_no_folder() {
    for text in ["user_jo", "tenant_x", "EurUsd", "_x", "x_", "a__b"] {
        assert!(model_folder(&Scope::Platform, &name(text), Version::FIRST).is_err(), "{text}");
    }
    for scope in [
        Scope::Tenant("platform".to_owned()),
        Scope::Tenant("_datasets".to_owned()),
        Scope::Tenant("../acme".to_owned()),
        Scope::User("acme".to_owned(), "jo".to_owned()),
        Scope::User("acme".to_owned(), "user_/../x".to_owned()),
    ] {
        assert!(model_folder(&scope, &name("m"), Version::FIRST).is_err(), "{scope}");
        assert!(dataset_folder(&scope, &Digest::of(b"")).is_err(), "{scope}");
    }
}
