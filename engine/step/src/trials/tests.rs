//! Steps with one flaw each, and the trial that sees it.

use super::*;
use crate::attempt::tests::order;
use expect_test::expect;
use std::sync::atomic::{AtomicU64, Ordering};
use suho_domain::{Value, fault};

/// What is wrong with the step.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Flaw {
    Nothing,
    CountsItsRuns,
    NamesItsFileByAttempt,
    ForgetsToUndo,
    ForgetsToUndoWhenCutOff,
    CannotUndoTwice,
}

/// Writes two files, and asks whether it is cancelled before each.
struct Writer {
    flaw: Flaw,
    runs: AtomicU64,
}

fn files(order_attempt: u32, flaw: Flaw) -> [String; 2] {
    let mark = if flaw == Flaw::NamesItsFileByAttempt { order_attempt } else { 0 };
    [format!("weights-{mark}"), format!("manifest-{mark}")]
}

impl Step for Writer {
    fn signature(&self) -> &'static str {
        "writer"
    }

    fn run(&self, context: &mut Context<'_>, _: &Inputs) -> Result<Outputs, StepError> {
        for name in files(context.key().attempt, self.flaw) {
            if context.is_cancelled() {
                return Err(StepError::cancelled());
            }
            fs::write(Path::new(context.artifacts()).join(name), b"same").unwrap();
        }
        let runs = self.runs.fetch_add(1, Ordering::Relaxed);
        let count = if self.flaw == Flaw::CountsItsRuns { runs } else { 7 };
        Ok(Outputs::new().with("count", Value::Int(i64::try_from(count).unwrap())))
    }

    fn undo(&self, context: &mut Context<'_>, _: &Inputs) -> Result<(), StepError> {
        let paths = files(context.key().attempt, self.flaw)
            .map(|name| Path::new(context.artifacts()).join(name));
        let whole = paths.iter().all(|path| path.exists());
        match self.flaw {
            Flaw::ForgetsToUndo => return Ok(()),
            Flaw::ForgetsToUndoWhenCutOff if !whole => return Ok(()),
            Flaw::CannotUndoTwice if !whole => {
                return Err(StepError::bug("gone", "nothing to undo"));
            }
            _ => {}
        }
        for path in paths {
            if path.exists() {
                fs::remove_file(path).unwrap();
            }
        }
        Ok(())
    }
}

fn verdict(flaw: Flaw, trial: fn(&dyn Step, &Order, &Path) -> Result<(), TrialError>) -> String {
    let scene = tempfile::tempdir().unwrap();
    let artifacts = scene.path().join("artifacts");
    fs::create_dir(&artifacts).unwrap();
    fs::write(artifacts.join("bars"), b"were here before").unwrap();
    let order = Order { artifacts: artifacts.display().to_string(), ..order() };
    let writer = Writer { flaw, runs: AtomicU64::new(0) };
    match trial(&writer, &order, &scene.path().join("attempts")) {
        Ok(()) => "passes".to_owned(),
        Err(error) => fault::chain(&error),
    }
}

#[test]
fn a_sound_step_passes_both_trials() {
    assert_eq!(verdict(Flaw::Nothing, runs_twice_alike), "passes");
    assert_eq!(verdict(Flaw::Nothing, undone_leaves_nothing), "passes");
}

#[test]
fn outputs_that_differ_are_shown() {
    expect![[r#"step `writer` gave Outputs({"count": Int(0)}) in its first run and Outputs({"count": Int(1)}) in its second"#]]
        .assert_eq(&verdict(Flaw::CountsItsRuns, runs_twice_alike));
}

#[test]
fn artifacts_of_a_second_attempt_are_shown() {
    expect!["step `writer` run a second time has left the artifacts other: manifest-2, weights-2"]
        .assert_eq(&verdict(Flaw::NamesItsFileByAttempt, runs_twice_alike));
}

#[test]
fn artifacts_that_undoing_leaves_are_shown() {
    expect!["step `writer` undone after cut 1 has left the artifacts other: weights-0"]
        .assert_eq(&verdict(Flaw::ForgetsToUndo, undone_leaves_nothing));
    expect!["step `writer` undone after cut 1 has left the artifacts other: weights-0"]
        .assert_eq(&verdict(Flaw::ForgetsToUndoWhenCutOff, undone_leaves_nothing));
}

#[test]
fn a_step_that_cannot_be_undone_twice_is_shown() {
    expect!["step `writer` cannot be undone after cut 0: nothing to undo"]
        .assert_eq(&verdict(Flaw::CannotUndoTwice, undone_leaves_nothing));
}
