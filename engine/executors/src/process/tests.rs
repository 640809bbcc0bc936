//! Attempts as real processes, of `examples/attempt.rs`, that go wrong in every way they can.
//!
//! The processes run at the machine's pace, so the tests look again and again until what they
//! await is there, yielding in between; the bound on looks only turns a hang into a failure.

mod own;

use super::*;
use expect_test::expect;
use rustix::fs::{FlockOperation, flock};
use std::thread;
use std::time;
use suho_domain::{Duration, Fault, Name, RunId, Value, fault};
use suho_step::{Ending, StepError};

const LOOKS_MAX: u32 = 30_000;
const SEED: u64 = 17;

/// A folder for attempts, and an executor at it.
struct Scene {
    folder: tempfile::TempDir,
    executor: ProcessExecutor,
}

/// The program of `examples/attempt.rs`, which cargo builds with this crate's tests.
fn program() -> PathBuf {
    let own = std::env::current_exe().unwrap();
    let program = own.ancestors().nth(2).unwrap().join("examples/attempt");
    assert!(program.exists(), "`cargo test -p suho-executors` builds {}", program.display());
    program
}

fn executor(root: &Path) -> ProcessExecutor {
    let secrets =
        ["AWS_SECRET_ACCESS_KEY", "BROKER_TOKEN"].map(|name| (name.into(), "hush".into()));
    ProcessExecutor::at(root, std::env::vars_os().chain(secrets))
}

fn order(kind: &str) -> Order {
    Order {
        key: AttemptKey { run: RunId::derive(&[kind]), step: Name::new(kind).unwrap(), attempt: 1 },
        epoch: 3,
        kind: kind.to_owned(),
        inputs: suho_domain::Record::new(),
        project: "/project".into(),
        artifacts: "/artifacts".to_owned(),
        logical_time: "2025-06-30T22:00:00Z".parse().unwrap(),
        seed: SEED,
        timeout: None,
        exec: None,
        content: None,
    }
}

fn until<T>(mut look: impl FnMut() -> Option<T>) -> T {
    for _ in 0..LOOKS_MAX {
        if let Some(found) = look() {
            return found;
        }
        thread::sleep(time::Duration::from_millis(1));
    }
    panic!("it did not come to be");
}

impl Scene {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let executor = executor(folder.path());
        Self { folder, executor }
    }

    fn submit(&mut self, order: &Order) -> Handle {
        self.executor.submit(order, &program()).unwrap()
    }

    fn observe(&mut self, order: &Order) -> Observed {
        self.executor.observe(&order.key).unwrap()
    }

    /// What the attempt comes to, once its process is dead and buried.
    fn end(&mut self, order: &Order) -> Observed {
        let executor = &mut self.executor;
        let folder = executor.folder(&order.key);
        alive::wait_until_free(&folder).unwrap();
        self.observe(order)
    }

    fn outcome(&mut self, order: &Order) -> Outcome {
        match self.end(order) {
            Observed::Ended(outcome) => *outcome,
            other => panic!("{other:?}: {}", self.stderr(order)),
        }
    }

    fn failure(&mut self, order: &Order) -> StepError {
        match self.outcome(order).result {
            Ending::Failed(error) => error,
            succeeded @ Ending::Succeeded { .. } => panic!("{succeeded:?}"),
        }
    }

    fn outputs(&mut self, order: &Order) -> suho_domain::Record {
        match self.outcome(order).result {
            Ending::Succeeded { outputs } => outputs,
            Ending::Failed(error) => panic!("{error}"),
        }
    }

    fn log(&self, order: &Order, stream: Stream) -> String {
        let chunk = self.executor.logs(&order.key, stream, 0).unwrap();
        String::from_utf8(chunk.bytes).unwrap()
    }

    fn stderr(&self, order: &Order) -> String {
        self.log(order, Stream::Stderr)
    }

    fn path(&self, order: &Order, file: &str) -> PathBuf {
        self.executor.folder(&order.key).join(file)
    }

    fn begin(&mut self, order: &Order) {
        self.submit(order);
        until(|| self.path(order, "begun").exists().then_some(()));
    }

    /// Waits until the child that the step left is gone: the lock it holds is free.
    fn child_is_gone(&self, order: &Order) {
        let lock = File::open(self.path(order, "child")).unwrap();
        flock(&lock, FlockOperation::LockShared).unwrap();
    }
}

#[test]
fn a_step_that_does_its_work_succeeds() {
    let (mut scene, order) = (Scene::new(), order("succeed"));
    let handle = scene.submit(&order);
    assert_eq!(handle.folder, scene.folder.path().join(format!("{}", order.key)));
    let outcome = scene.outcome(&order);
    assert!(outcome.answers(&order));
    assert!(outcome.started_at <= outcome.ended_at);
    assert!(outcome.usage.is_some_and(|usage| usage.rss_max_kib > 0));
    assert_eq!(scene.outputs(&order)["seed"], Value::text(SEED.to_string()));
    assert_eq!(scene.stderr(&order), "at work\n");
    expect![[r#"
        {"done":1,"total":1,"text":"","figures":{"loss":0.5}}
    "#]]
    .assert_eq(&scene.log(&order, Stream::Progress));
    assert!(scene.executor.own.is_empty(), "nothing is kept of what has ended");
}

#[test]
fn a_step_that_fails_says_why() {
    let (mut scene, order) = (Scene::new(), order("fail"));
    scene.submit(&order);
    let failed = StepError::user("not-enough-bars", "only 12 bars").help("load more bars");
    assert_eq!(scene.failure(&order), failed);
}

#[test]
fn a_panic_is_an_outcome() {
    let (mut scene, order) = (Scene::new(), order("panic"));
    scene.submit(&order);
    let failed = StepError::bug("panicked", "step `panic` panicked: on purpose");
    assert_eq!(scene.failure(&order), failed);
}

#[test]
fn a_killed_process_is_gone_and_so_are_its_children() {
    let (mut scene, order) = (Scene::new(), order("die_with_a_child"));
    scene.submit(&order);
    let gone = Observed::Gone(FailureClass::Infrastructure);
    assert_eq!(scene.end(&order), gone);
    assert_eq!(scene.observe(&order), gone, "and stays so");
    scene.child_is_gone(&order);
}

#[test]
fn a_dead_attempt_is_never_begun_again() {
    let (mut scene, order) = (Scene::new(), order("die_with_a_child"));
    scene.submit(&order);
    let gone = scene.end(&order);
    scene.submit(&order);
    assert_eq!(scene.observe(&order), gone);
    let mut successor = executor(scene.folder.path());
    successor.submit(&order, &program()).unwrap();
    assert_eq!(successor.observe(&order.key).unwrap(), gone);
}

#[test]
fn the_time_limit_ends_the_step_and_its_children() {
    let limit = Some(Duration::from_millis(300));
    let (mut scene, order) = (Scene::new(), Order { timeout: limit, ..order("hang_with_a_child") });
    scene.submit(&order);
    let failed = scene.failure(&order);
    assert_eq!(failed.class, FailureClass::Timeout);
    assert_eq!(failed.to_string(), "the step ran longer than its limit of 300ms");
    scene.child_is_gone(&order);
}

#[test]
fn a_limit_that_is_not_reached_changes_nothing() {
    let limit = Some(Duration::HOUR);
    let (mut scene, order) = (Scene::new(), Order { timeout: limit, ..order("succeed") });
    scene.submit(&order);
    scene.outputs(&order);
}

#[test]
fn children_that_a_step_leaves_behind_end_with_it() {
    let (mut scene, order) = (Scene::new(), order("leave_a_child"));
    scene.submit(&order);
    scene.outputs(&order);
    scene.child_is_gone(&order);
}

#[test]
fn an_attempt_submitted_twice_runs_once() {
    let (mut scene, order) = (Scene::new(), order("wait"));
    let first = scene.submit(&order);
    let mut rival = executor(scene.folder.path());
    assert_eq!(scene.submit(&order), first);
    assert_eq!(rival.submit(&order, &program()).unwrap(), first);
    fs::write(scene.path(&order, "go"), "").unwrap();
    scene.outputs(&order);
    scene.submit(&order);
    scene.outputs(&order);
    assert_eq!(fs::read_to_string(scene.path(&order, "begun")).unwrap(), "x");
}

#[test]
fn a_new_executor_adopts_what_the_old_one_started() {
    let (mut scene, order) = (Scene::new(), order("wait"));
    assert_eq!(scene.executor.adopt(&order.key).unwrap(), None);
    let handle = scene.submit(&order);
    scene.executor = executor(scene.folder.path());
    assert_eq!(scene.executor.adopt(&order.key).unwrap(), Some(handle.clone()));
    assert_eq!(scene.observe(&order), Observed::Running);
    fs::write(scene.path(&order, "go"), "").unwrap();
    scene.outputs(&order);
    assert_eq!(scene.executor.adopt(&order.key).unwrap(), Some(handle));
}

#[test]
fn what_nobody_wants_is_swept_away_with_its_children_and_what_somebody_wants_stays() {
    let (mut scene, mut order) = (Scene::new(), order("hang_with_a_child"));
    scene.begin(&order);
    let stray = order.clone();
    order.key.attempt = 2;
    scene.begin(&order);
    let root = scene.folder.path().to_owned();
    scene.executor = executor(&root);
    let keys = |attempts: &[&Order]| attempts.iter().map(|it| it.key.clone()).collect();
    assert_eq!(crate::sweep(&root, |key| *key == order.key), keys(&[&stray]));
    assert_eq!(scene.end(&stray), Observed::Gone(FailureClass::Cancelled));
    scene.child_is_gone(&stray);
    assert_eq!(scene.observe(&order), Observed::Running);
    assert_eq!(crate::sweep(&root, |_| false), keys(&[&order]));
    assert_eq!(crate::sweep(&root, |_| false), keys(&[]));
}

#[test]
fn a_step_that_is_asked_to_stop_is_cancelled() {
    let (mut scene, order) = (Scene::new(), order("wait"));
    scene.begin(&order);
    scene.executor.terminate(&order.key).unwrap();
    assert_eq!(scene.failure(&order), StepError::cancelled());
    scene.executor.terminate(&order.key).unwrap();
    assert_eq!(scene.failure(&order), StepError::cancelled());
}

#[test]
fn an_adopted_attempt_can_be_cancelled() {
    let (mut scene, order) = (Scene::new(), order("wait"));
    scene.begin(&order);
    scene.executor = executor(scene.folder.path());
    scene.executor.terminate(&order.key).unwrap();
    assert_eq!(scene.failure(&order), StepError::cancelled());
}

#[test]
fn a_step_that_is_told_to_stop_by_the_machine_is_preempted() {
    let (mut scene, order) = (Scene::new(), order("wait"));
    scene.begin(&order);
    let leader = alive::begun_in(&scene.executor.folder(&order.key)).unwrap().unwrap();
    signal_group(leader, Signal::TERM).unwrap();
    assert_eq!(scene.failure(&order).class, FailureClass::Preempted);
}

#[test]
fn a_step_that_does_not_listen_is_killed() {
    let (mut scene, order) = (Scene::new(), order("be_deaf"));
    scene.submit(&order);
    scene.executor.terminate(&order.key).unwrap();
    scene.executor.kill(&order.key).unwrap();
    // Whether the first signal came before the step could say so is chance; the class is not.
    match scene.end(&order) {
        Observed::Gone(class) => assert_eq!(class, FailureClass::Cancelled),
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_attempt_cancelled_before_it_was_submitted_does_not_begin() {
    let (mut scene, order) = (Scene::new(), order("wait"));
    scene.executor.terminate(&order.key).unwrap();
    assert_eq!(scene.observe(&order), Observed::Gone(FailureClass::Cancelled));
    scene.submit(&order);
    assert_eq!(scene.failure(&order), StepError::cancelled());
    assert!(!scene.path(&order, "begun").exists());
}

#[test]
fn an_attempt_sees_only_the_environment_it_needs() {
    let (mut scene, order) = (Scene::new(), order("tell_environment"));
    scene.submit(&order);
    let outputs = scene.outputs(&order);
    assert_eq!(outputs["key"], Value::text(order.key.to_string()));
    assert_eq!(outputs["epoch"], Value::text("3"));
    let names = outputs["names"].to_string();
    // A step of the engine's own may open the object store; nobody's other secrets reach it.
    assert!(names.contains("PATH") && names.contains("AWS_SECRET_ACCESS_KEY"), "{names}");
    assert!(!names.contains("BROKER_TOKEN"), "{names}");
    assert!(!names.contains("CARGO"), "{names}");
}

#[test]
fn another_order_under_the_same_key_is_refused() {
    let (mut scene, order) = (Scene::new(), order("succeed"));
    scene.submit(&order);
    let other = Order { seed: SEED + 1, ..order.clone() };
    let error = scene.executor.submit(&other, &program()).unwrap_err();
    assert_eq!(error.fault(), Fault::Bug);
    let older = Order { epoch: 2, ..order.clone() };
    let error = scene.executor.submit(&older, &program()).unwrap_err();
    assert_eq!(error.fault(), Fault::World);
    expect!["attempt `KEY` was submitted in epoch 3, after epoch 2"]
        .assert_eq(&fault::chain(&error).replace(&order.key.to_string(), "KEY"));
    scene.submit(&Order { epoch: 4, ..order.clone() });
    assert_eq!(scene.outcome(&order).epoch, 3, "what has begun answers the order it began with");
}

#[test]
fn an_order_that_never_began_is_begun_in_the_newer_epoch() {
    let (mut scene, order) = (Scene::new(), order("succeed"));
    let error = scene.executor.submit(&order, Path::new("/no/such/program")).unwrap_err();
    expect![
        "cannot start `/no/such/program` for attempt `KEY`: No such file or directory (os error 2)"
    ]
    .assert_eq(&fault::chain(&error).replace(&order.key.to_string(), "KEY"));
    let newer = Order { epoch: 4, ..order };
    scene.submit(&newer);
    assert!(scene.outcome(&newer).answers(&newer));
}

#[test]
fn the_shim_begins_no_attempt_twice() {
    let (mut scene, order) = (Scene::new(), order("wait"));
    scene.begin(&order);
    let again = |folder: &Path| {
        #[expect(clippy::disallowed_methods, reason = "somebody starts the shim by hand")]
        let ran = Command::new(program()).arg("exec").arg(folder).output().unwrap();
        let text = String::from_utf8(ran.stderr).unwrap();
        (ran.status.code(), text.replace(&folder.display().to_string(), "FOLDER"))
    };
    let folder = scene.executor.folder(&order.key);
    let running = "the attempt in `FOLDER` is running in another process\n";
    assert_eq!(again(&folder), (Some(3), running.to_owned()));
    fs::write(scene.path(&order, "go"), "").unwrap();
    scene.outputs(&order);
    assert_eq!(again(&folder), (Some(3), "the attempt in `FOLDER` has begun before\n".to_owned()));
    let empty = scene.folder.path();
    assert_eq!(again(empty), (Some(2), "there is no `attempt.json` in `FOLDER`\n".to_owned()));
}

#[test]
fn a_shim_started_by_hand_runs_the_attempt() {
    let (mut scene, order) = (Scene::new(), order("succeed"));
    let folder = scene.executor.folder(&order.key);
    fs::create_dir_all(&folder).unwrap();
    attempt::write_whole(&folder.join(ORDER), &order).unwrap();
    #[expect(clippy::disallowed_methods, reason = "as a cluster's scheduler would")]
    let ran = Command::new(program()).arg("exec").arg(&folder).output().unwrap();
    assert_eq!(ran.status.code(), Some(0));
    scene.outputs(&order);
}

#[test]
fn a_folder_that_cannot_be_made_is_named() {
    let scene = tempfile::tempdir().unwrap();
    let root = scene.path().join("file");
    fs::write(&root, "").unwrap();
    let order = order("succeed");
    let error = executor(&root).submit(&order, &program()).unwrap_err();
    assert_eq!(error.fault(), Fault::World);
    let text = fault::chain(&error).replace(&root.display().to_string(), "ROOT");
    expect!["cannot create `ROOT/KEY`: Not a directory (os error 20)"]
        .assert_eq(&text.replace(&order.key.to_string(), "KEY"));
}

#[test]
fn an_outcome_of_another_attempt_is_refused() {
    let (mut scene, order) = (Scene::new(), order("succeed"));
    scene.submit(&order);
    let outcome = scene.outcome(&order);
    let next = AttemptKey { attempt: 2, ..order.key };
    let folder = scene.executor.folder(&next);
    fs::create_dir_all(&folder).unwrap();
    attempt::write_whole(&folder.join(OUTCOME), &outcome).unwrap();
    assert_eq!(scene.executor.observe(&next).unwrap_err().fault(), Fault::Bug);
}
