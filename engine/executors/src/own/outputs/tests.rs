use super::*;
use std::collections::BTreeMap;
use suho_step::exec::{Bounds, How};

fn exec(outputs: &[(&str, Shape)]) -> Exec {
    Exec {
        how: How::Shell { script: String::new(), env: BTreeMap::new() },
        outputs: outputs.iter().map(|(name, shape)| ((*name).to_owned(), shape.clone())).collect(),
        hosts: Vec::new(),
        bounds: Bounds::default(),
        place: "steps.suho:3".to_owned(),
    }
}

/// What a script that wrote `text` gives back, or what is said about it.
fn given(outputs: &[(&str, Shape)], text: &str) -> Result<Outputs, String> {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join(OUTPUTS), text).unwrap();
    read_in(folder.path(), outputs)
}

fn read_in(folder: &Path, outputs: &[(&str, Shape)]) -> Result<Outputs, String> {
    let exec = exec(outputs);
    let secrets = Secrets::read(&exec, folder).unwrap();
    let read = read(folder, &exec, &folder.join("artifacts"), &secrets);
    read.map_err(|error| {
        format!("[{}] {error}; {}", error.code, error.help.clone().unwrap_or_default())
    })
}

#[test]
fn what_is_declared_comes_back_with_its_type() {
    let outputs =
        given(&[("rows", Shape::Int), ("share", Shape::Ratio)], r#"{"rows": 3, "share": "10%"}"#);
    let outputs = outputs.unwrap();
    assert_eq!(outputs.get("rows"), Some(&Value::Int(3)));
    assert_eq!(outputs.get("share").unwrap().to_string(), "10%");
}

#[test]
fn what_is_wrong_with_outputs_is_told_with_how_to_write_them() {
    let rows = [("rows", Shape::Int)];
    let said = |text: &str| given(&rows, text).unwrap_err();
    assert_eq!(
        said(r#"{"rows": "3"}"#),
        "[bad-outputs] the output `rows` should be a whole number, and is `\"3\"`; \
         write it as JSON, as in { \"rows\": 3 }"
    );
    assert!(said("{}").contains("is one without `rows`"), "{}", said("{}"));
    let more = said(r#"{"rows": 3, "more": 1}"#);
    assert!(more.contains("is one with `more`"), "{more}");
    assert!(said("rows=3").starts_with("[bad-outputs] `outputs.json` is not JSON: expected value"));
    let large = said(&format!("{{\"rows\": {}}}", " ".repeat(2 << 20)));
    assert!(large.starts_with("[too-large] `outputs.json` is larger than 1 MiB"), "{large}");
}

#[test]
fn outputs_that_nobody_wrote_are_missed_only_where_some_are_declared() {
    let folder = tempfile::tempdir().unwrap();
    assert!(read_in(folder.path(), &[]).is_ok());
    let missed = read_in(folder.path(), &[("rows", Shape::Int)]).unwrap_err();
    assert!(
        missed.starts_with("[no-outputs] the script wrote no `$SUHO_OUT/outputs.json`"),
        "{missed}"
    );
}

#[test]
fn a_file_is_kept_by_what_it_holds() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("rows.csv"), "a,b\n").unwrap();
    fs::write(folder.path().join(OUTPUTS), r#"{"file": "rows.csv"}"#).unwrap();
    let outputs = read_in(folder.path(), &[("file", Shape::File)]).unwrap();
    let kept = outputs.get("file").unwrap().as_text().unwrap().to_owned();
    assert_eq!(kept, format!("files/{}/rows.csv", Digest::of(b"a,b\n").hex()));
    assert_eq!(fs::read(folder.path().join("artifacts").join(kept)).unwrap(), b"a,b\n");
}

#[test]
fn no_name_leads_out_of_the_folder() {
    let folder = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink("/etc/passwd", folder.path().join("link")).unwrap();
    fs::create_dir(folder.path().join("sub")).unwrap();
    for name in ["link", "../outputs.json", "/etc/passwd", "sub", "gone", ".."] {
        fs::write(folder.path().join(OUTPUTS), format!("{{\"file\": \"{name}\"}}")).unwrap();
        let refused = read_in(folder.path(), &[("file", Shape::File)]).unwrap_err();
        assert!(refused.contains("the output `file` cannot be kept"), "{name}: {refused}");
    }
}

#[test]
fn outputs_that_are_a_link_are_not_read() {
    let folder = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink("/etc/passwd", folder.path().join(OUTPUTS)).unwrap();
    let refused = read_in(folder.path(), &[("rows", Shape::Int)]).unwrap_err();
    assert!(refused.contains("cannot be read"), "{refused}");
}
