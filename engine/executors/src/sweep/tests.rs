use super::*;
use suho_domain::RunId;

#[test]
fn a_folder_says_whose_it_is_or_is_nobodys() {
    let root = Path::new("/state/runs");
    let key =
        AttemptKey { run: RunId::derive(&["a"]), step: Name::new("train").unwrap(), attempt: 3 };
    let folder = root.join(key.run.as_str()).join("train/3");
    assert_eq!(key_of(root, &folder), Some(key));
    for other in ["/state/runs", "/state/runs/a/train/3", "/elsewhere/a/train/3"] {
        assert_eq!(key_of(root, Path::new(other)), None, "{other}");
    }
    assert_eq!(key_of(root, &folder.join("work")), None);
}
