//! Steps of the user's own, as a person meets them: run, killed, cancelled, done again.
//!
//! Scripts wait for a file in `gates`, so that a test decides when each goes on. The processes run at
//! the machine's pace: tests look again and again until what they await is there; the bound on looks
//! only turns a hang into a failure.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

const LOOKS_MAX: u32 = 60_000;

/// Three scripts, each needing the one before; every one says when it begins and when it ends.
const CHAIN: &str = r#"edition 2026

step link {
  in name: Text
  in before: Int = 0
  out count: Int
  exec = shell(
    """
    echo "$NAME begins" | tee witness
    while [ ! -e "gates/$NAME" ]; do sleep 0.01; done
    printf '{ "count": %d }' "$((BEFORE + 1))" > "$SUHO_OUT/outputs.json"
    echo "$NAME ends" | tee -a witness
    """,
    env: { NAME = name, BEFORE = before },
  )
}

pipeline chain() {
  link a { name = "a" }

  link b {
    name   = "b"
    before = a.count
  }

  link c {
    name   = "c"
    before = b.count
  }
}
"#;

struct Project {
    folder: tempfile::TempDir,
}

impl Project {
    fn of(pipeline: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("project.suho"), "edition 2026\n\nproject own {}\n").unwrap();
        fs::write(folder.path().join("pipeline.suho"), pipeline).unwrap();
        fs::create_dir(folder.path().join("gates")).unwrap();
        Self { folder }
    }

    fn open(&self, gates: &[&str]) {
        for gate in gates {
            fs::write(self.folder.path().join("gates").join(gate), "").unwrap();
        }
    }

    #[expect(clippy::disallowed_methods, reason = "the binary under test is a process")]
    fn suho(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_suho"));
        command.args(arguments).current_dir(self.folder.path());
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.suho(arguments).output().unwrap()
    }

    fn begin(&self) -> Child {
        let mut command = self.suho(&["rehearse", "."]);
        command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    }

    /// What every attempt at `step` said in its own folder, in the order of attempts.
    fn witnesses(&self, step: &str) -> Vec<String> {
        let runs = self.folder.path().join(".suho/rehearsal/runs");
        let entries = |folder: &Path| -> Vec<PathBuf> {
            let read = fs::read_dir(folder).into_iter().flatten().flatten();
            let mut paths: Vec<_> = read.map(|entry| entry.path()).collect();
            paths.sort();
            paths
        };
        let attempts = entries(&runs).into_iter().flat_map(|run| entries(&run.join(step)));
        attempts.map(|at| fs::read_to_string(at.join("work/witness")).unwrap_or_default()).collect()
    }

    fn until_said(&self, step: &str, line: &str) {
        let is_said = (0..LOOKS_MAX).any(|_| {
            std::thread::sleep(std::time::Duration::from_millis(1));
            self.witnesses(step).iter().any(|said| said.contains(line))
        });
        assert!(is_said, "`{step}` never says `{line}`");
    }

    /// Each step's status and attempts.
    fn steps(&self) -> Vec<String> {
        let status = self.run(&["status", "@latest", "--output", "json"]);
        let status: serde_json::Value = serde_json::from_slice(&status.stdout).unwrap();
        let step = |step: &serde_json::Value| {
            let word = |name: &str| step[name].to_string().replace('"', "");
            format!("{} {} {}", word("id"), word("status"), word("attempts"))
        };
        status["run"]["steps"].as_array().unwrap().iter().map(step).collect()
    }
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

#[test]
fn an_engine_killed_at_any_moment_has_each_script_run_once() {
    for (step, line) in [
        ("a", "begins"),
        ("a", "ends"),
        ("b", "begins"),
        ("b", "ends"),
        ("c", "begins"),
        ("c", "ends"),
    ] {
        let project = Project::of(CHAIN);
        let before = ["a", "b", "c"].into_iter().take_while(|each| *each != step);
        project.open(&before.collect::<Vec<_>>());
        if line == "ends" {
            project.open(&[step]);
        }
        let mut engine = project.begin();
        project.until_said(step, &format!("{step} {line}"));
        engine.kill().unwrap();
        engine.wait().unwrap();
        project.open(&["a", "b", "c"]);
        let again = project.run(&["rehearse", "."]);
        assert!(again.status.success(), "killed when {step} {line}: {}", said(&again));
        for name in ["a", "b", "c"] {
            let whole = format!("{name} begins\n{name} ends\n");
            assert_eq!(project.witnesses(name), [whole], "killed when {step} {line}");
        }
        assert_eq!(project.steps(), ["a succeeded 1", "b succeeded 1", "c succeeded 1"]);
    }
}

#[test]
fn what_is_done_is_not_done_again_and_from_there_it_is() {
    let project = Project::of(CHAIN);
    project.open(&["a", "b", "c"]);
    assert!(project.run(&["rehearse", "."]).status.success());
    let again = project.run(&["rehearse", ".", "--new"]);
    assert!(again.status.success(), "{}", said(&again));
    assert_eq!(project.steps(), ["a cached 0", "b cached 0", "c cached 0"]);
    assert_eq!(project.witnesses("a").len(), 1);
    let refused = project.run(&["retry", "--from", "b"]);
    assert_eq!(refused.status.code(), Some(2), "{}", said(&refused));
    assert!(
        said(&refused).contains("cannot be done again: it is `succeeded`"),
        "{}",
        said(&refused)
    );
}

#[test]
fn a_run_whose_engine_is_dead_ends_when_it_is_cancelled_and_can_be_taken_up_again() {
    let project = Project::of(CHAIN);
    project.open(&["a"]);
    let mut engine = project.begin();
    project.until_said("b", "b begins");
    engine.kill().unwrap();
    engine.wait().unwrap();
    let cancelled = project.run(&["cancel", "@latest"]);
    assert!(cancelled.status.success(), "{}", said(&cancelled));
    assert!(
        said(&cancelled).contains("is cancelled; no engine was at work on it"),
        "{}",
        said(&cancelled)
    );
    assert_eq!(project.steps(), ["a succeeded 1", "b cancelled 1", "c cancelled 0"]);
    project.open(&["b", "c"]);
    let again = project.run(&["retry"]);
    assert!(again.status.success(), "{}", said(&again));
    assert_eq!(project.steps(), ["a succeeded 1", "b succeeded 2", "c succeeded 1"]);
}

#[test]
fn a_failed_run_is_done_again_from_the_step_that_is_named() {
    let text = CHAIN
        .replace("echo \"$NAME ends\"", "[ ! -e gates/no ] || exit 9\n    echo \"$NAME ends\"");
    let project = Project::of(&text);
    project.open(&["a", "b", "c", "no"]);
    let failed = project.run(&["rehearse", "."]);
    assert_eq!(failed.status.code(), Some(2), "{}", said(&failed));
    let message = "pipeline.suho:20: the script ended with exit code 9";
    assert!(said(&failed).contains(message), "{}", said(&failed));
    fs::remove_file(project.folder.path().join("gates/no")).unwrap();
    let unknown = project.run(&["retry", "--from", "nothing"]);
    assert!(said(&unknown).contains("it has no step `nothing`"), "{}", said(&unknown));
    assert!(project.run(&["retry", "--failed"]).status.success());
    assert_eq!(project.steps(), ["a succeeded 2", "b succeeded 1", "c succeeded 1"]);
}

#[test]
fn attempts_are_made_again_as_the_pipeline_says_and_what_happens_once_is_for_a_person() {
    let project = Project::of(
        r#"edition 2026

step once {
  effects = [once]
  exec    = shell("kill -KILL $$")
}

pipeline tries() {
  shell later {
    script = "exit 75"
    retry  = { attempts = 3, backoff = constant(10ms) }
  }

  once pay {}
}
"#,
    );
    let run = project.run(&["rehearse", "."]);
    assert_eq!(run.status.code(), Some(3), "{}", said(&run));
    assert_eq!(project.steps(), ["later failed 3", "pay unknown 1"], "{}", said(&run));
    let cancelled = project.run(&["cancel", "@latest"]);
    assert!(cancelled.status.success(), "{}", said(&cancelled));
    assert_eq!(project.steps(), ["later failed 3", "pay cancelled 1"], "{}", said(&cancelled));
}
