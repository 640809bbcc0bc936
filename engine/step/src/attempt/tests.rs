//! The files as they stand on disk: older engines' files must stay readable.

use super::*;
use crate::{Progress, StepError};
use expect_test::expect;
use std::fs;
use suho_domain::{Digest, Name, RunId, Value, fault};

/// An order with everything in it.
pub(crate) fn order() -> Order {
    Order {
        key: AttemptKey {
            run: RunId::derive(&["tests"]),
            step: Name::new("candidate").unwrap(),
            attempt: 2,
        },
        epoch: 7,
        kind: "train".to_owned(),
        inputs: Record::from([("rate".to_owned(), Value::Float(0.001))]),
        project: "/project".into(),
        artifacts: "/project/.suho/artifacts".to_owned(),
        logical_time: "2025-06-30T22:00:00Z".parse().unwrap(),
        seed: u64::MAX,
        timeout: Some(Duration::from_minutes(90)),
        exec: None,
        content: Some(Digest::of(b"content")),
    }
}

fn outcome(result: Ending) -> Outcome {
    let order = order();
    Outcome {
        key: order.key,
        epoch: order.epoch,
        content: order.content,
        started_at: "2026-01-01T00:00:00Z".parse().unwrap(),
        ended_at: "2026-01-01T00:00:01.5Z".parse().unwrap(),
        result,
        usage: Some(Usage { cpu_ms: 1_400, rss_max_kib: 65_536 }),
    }
}

/// The text of `content` in a file, after reading it back and finding it equal.
fn kept<T>(content: &T) -> String
where
    T: Serialize + serde::de::DeserializeOwned + PartialEq + std::fmt::Debug,
{
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("it.json");
    write_whole(&path, content).unwrap();
    assert_eq!(read_json::<T>(&path).unwrap().as_ref(), Some(content));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing else stays behind");
    fs::read_to_string(path).unwrap()
}

#[test]
fn an_order_is_kept_as_text() {
    expect![[r#"
        {
          "key": {
            "run": "51316962-3e2c-86f9-abf1-58e9fbf86548",
            "step": "candidate",
            "attempt": 2
          },
          "epoch": 7,
          "kind": "train",
          "inputs": {
            "rate": {
              "float": 0.001
            }
          },
          "project": "/project",
          "artifacts": "/project/.suho/artifacts",
          "logical_time": "2025-06-30T22:00:00Z",
          "seed": 18446744073709551615,
          "timeout": "1h30m"
        }
    "#]]
    .assert_eq(&kept(&order()));
}

#[test]
fn a_success_is_kept_as_text() {
    let outputs = Record::from([("accuracy".to_owned(), Value::measured_ratio(0.61))]);
    expect![[r#"
        {
          "key": {
            "run": "51316962-3e2c-86f9-abf1-58e9fbf86548",
            "step": "candidate",
            "attempt": 2
          },
          "epoch": 7,
          "started_at": "2026-01-01T00:00:00Z",
          "ended_at": "2026-01-01T00:00:01.500Z",
          "result": {
            "succeeded": {
              "outputs": {
                "accuracy": {
                  "ratio": "61%"
                }
              }
            }
          },
          "usage": {
            "cpu_ms": 1400,
            "rss_max_kib": 65536
          }
        }
    "#]]
    .assert_eq(&kept(&outcome(Ending::Succeeded { outputs })));
}

#[test]
fn a_failure_is_kept_as_text() {
    let failed = StepError::user("not-enough-bars", "only 12 bars").help("load more bars");
    expect![[r#"
        {
          "key": {
            "run": "51316962-3e2c-86f9-abf1-58e9fbf86548",
            "step": "candidate",
            "attempt": 2
          },
          "epoch": 7,
          "started_at": "2026-01-01T00:00:00Z",
          "ended_at": "2026-01-01T00:00:01.500Z",
          "result": {
            "failed": {
              "class": "user",
              "code": "not-enough-bars",
              "message": "only 12 bars",
              "help": "load more bars",
              "cause": null
            }
          },
          "usage": {
            "cpu_ms": 1400,
            "rss_max_kib": 65536
          }
        }
    "#]]
    .assert_eq(&kept(&outcome(Ending::Failed(failed))));
}

#[test]
fn figures_come_back_to_the_bit() {
    // The shortest text of this number is read one bit off by a reader in a hurry.
    let figure = 0.103_354_565_379_643_95;
    let outputs = Record::from([("loss".to_owned(), Value::Float(figure))]);
    kept(&outcome(Ending::Succeeded { outputs }));
}

#[test]
fn an_outcome_answers_its_own_order_only() {
    let outcome = outcome(Ending::Failed(StepError::cancelled()));
    let order = order();
    assert!(outcome.answers(&order));
    assert!(!outcome.answers(&Order { epoch: 8, ..order.clone() }));
    let key = AttemptKey { attempt: 3, ..order.key.clone() };
    assert!(!outcome.answers(&Order { key, ..order }));
}

#[test]
fn a_file_that_is_there_is_not_made_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("it.json");
    assert!(create_new_whole(&path, &1).unwrap());
    assert!(!create_new_whole(&path, &2).unwrap());
    assert_eq!(read_json::<u8>(&path).unwrap(), Some(1));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing else stays behind");
}

#[test]
fn progress_is_one_line_a_report() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(PROGRESS);
    append_line(&path, &Progress::of(1, 2).saying("epoch 1 of 2").with("loss", 0.7)).unwrap();
    append_line(&path, &Progress::of(2, 2).with("loss", f64::NAN)).unwrap();
    expect![[r#"
        {"done":1,"total":2,"text":"epoch 1 of 2","figures":{"loss":0.7}}
        {"done":2,"total":2,"text":"","figures":{}}
    "#]]
    .assert_eq(&fs::read_to_string(path).unwrap());
}

#[test]
fn files_that_cannot_be_read_or_written_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("no/such/folder");
    assert_eq!(read_json::<Order>(&path).unwrap(), None);
    let error = write_whole(&path, &1).unwrap_err();
    assert_eq!(error.fault(), suho_domain::Fault::World);
    let text = fault::chain(&error).replace(&folder.path().display().to_string(), "ROOT");
    expect!["cannot write `ROOT/no/such/folder`: No such file or directory (os error 2)"]
        .assert_eq(&text);

    let torn = folder.path().join("torn");
    fs::write(&torn, "{\"done\":").unwrap();
    let error = read_json::<Progress>(&torn).unwrap_err();
    assert_eq!(error.fault(), suho_domain::Fault::Bug);
    let text = fault::chain(&error).replace(&folder.path().display().to_string(), "ROOT");
    expect!["cannot understand `ROOT/torn`: EOF while parsing a value at line 1 column 8"]
        .assert_eq(&text);
}
