//! A folder that names a variable, and one that does not.

use super::*;
use expect_test::expect;

#[test]
fn a_folder_names_a_variable_and_never_what_is_in_it() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("prod");
    assert!(!is_named(&state));
    assert_eq!(of(&state).unwrap(), None);
    settle(&state, Some("SUHO_NO_SUCH_VARIABLE")).unwrap();
    assert!(is_named(&state));
    let said = suho_domain::fault::chain(&of(&state).unwrap_err());
    let said = said.replace(&folder.path().display().to_string(), "FOLDER");
    expect!["cannot open the state in `FOLDER/prod`: it is in a database whose URL is in `SUHO_NO_SUCH_VARIABLE`, which is not set"].assert_eq(&said);
    // What is set, whatever it is, is the URL.
    settle(&state, Some("PATH")).unwrap();
    assert!(of(&state).unwrap().is_some());
    settle(&state, None).unwrap();
    settle(&state, None).unwrap();
    assert_eq!(of(&state).unwrap(), None);
}
