//! `suho rehearse` killed for real: the same command again ends as if nothing had happened.

mod storm;

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

/// A line of the run's own, and what it says is under way when the engine is killed there.
const MOMENTS: [(&str, &str); 6] = [
    ("baseline", "the data set"),
    ("candidate   epoch 1", "training"),
    ("acceptance  passed", "the beginning of the shadow"),
    ("staging     Wed", "the shadow"),
    ("tenth       Fri", "the canary"),
    ("rollout     Mon", "the ramp"),
];

/// The quickstart with less to train, in a folder of its own.
struct Project {
    folder: tempfile::TempDir,
}

impl Project {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples");
        for part in ["quickstart", "data"] {
            fs::create_dir(folder.path().join(part)).unwrap();
            for file in examples.join(part).read_dir().unwrap().map(|entry| entry.unwrap().path()) {
                if file.is_file() {
                    let to = folder.path().join(part).join(file.file_name().unwrap());
                    fs::copy(&file, to).unwrap();
                }
            }
        }
        let project = Self { folder };
        project.edit("pipeline.suho", "epochs         = 20", "epochs         = 2");
        project.edit("model.suho", "lstm(units: 32, dropout: 20%),", "");
        project.edit("model.suho", "lstm(units: 16", "lstm(units: 4");
        project
    }

    fn root(&self) -> PathBuf {
        self.folder.path().join("quickstart")
    }

    fn edit(&self, file: &str, from: &str, to: &str) {
        let path = self.root().join(file);
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "`{from}` is not in {file}");
        fs::write(path, text.replace(from, to)).unwrap();
    }

    #[expect(clippy::disallowed_methods, reason = "the binary under test is a process")]
    fn suho(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_suho"));
        command.args(arguments).current_dir(self.root());
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.suho(arguments).output().unwrap()
    }

    /// Begins a rehearsal and waits for a line that holds `line`.
    fn rehearse_until(&self, line: &str) -> Child {
        let mut child = self
            .suho(&["rehearse", "."])
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let said = BufReader::new(child.stderr.take().unwrap());
        let mut lines = said.lines().map(Result::unwrap);
        assert!(lines.any(|said| said.contains(line)), "the run never says `{line}`");
        // Whoever is killed is not to die of a closed pipe first.
        std::thread::spawn(move || lines.for_each(drop));
        child
    }

    /// What `command` says of the last run, without times of the wall's clock.
    fn end(&self) -> Vec<String> {
        let status = self.run(&["status", "@latest", "--output", "json"]);
        let models = self.run(&["model", "ls", "--output", "json"]);
        assert!(status.status.success(), "{}", text(&status.stderr));
        assert!(models.status.success(), "{}", text(&models.stderr));
        let status: serde_json::Value = serde_json::from_slice(&status.stdout).unwrap();
        let models: serde_json::Value = serde_json::from_slice(&models.stdout).unwrap();
        let steps = status["run"]["steps"].as_array().unwrap();
        let step = |step: &serde_json::Value| format!("{} {}", step["id"], step["status"]);
        let model = |model: &serde_json::Value| format!("{} {}", model["version"], model["status"]);
        let mut end = vec![status["run"]["status"].to_string()];
        end.extend(steps.iter().map(step));
        end.extend(models["models"].as_array().unwrap().iter().map(model));
        end
    }

    /// Processes that work for this project's attempts.
    fn attempts_at_work(&self) -> usize {
        let own = self.folder.path().to_string_lossy().into_owned();
        let processes = Path::new("/proc").read_dir().into_iter().flatten().flatten();
        let is_ours = |process: &fs::DirEntry| {
            let environ = fs::read(process.path().join("environ")).unwrap_or_default();
            let folder = fs::read_link(process.path().join("cwd")).unwrap_or_default();
            text(&environ).contains("SUHO_ATTEMPT_KEY") && folder.starts_with(&own)
        };
        processes.filter(is_ours).count()
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// The lines of a report that tell decisions and market time: those with a verdict of a rollout.
fn decisions(report: &Output) -> Vec<String> {
    let report = text(&report.stdout);
    let told = report.lines().filter(|line| line.contains(" of market time"));
    // Latencies are the machine's.
    told.map(|line| line.split(", P95").next().unwrap().to_owned()).collect()
}

#[test]
fn a_rehearsal_killed_at_any_moment_ends_as_if_nothing_had_happened() {
    let undisturbed = Project::new();
    let report = undisturbed.run(&["rehearse", "."]);
    assert!(report.status.success(), "{}", text(&report.stderr));
    let (end, decided) = (undisturbed.end(), decisions(&report));
    assert_eq!(decided.len(), 3, "{}", text(&report.stdout));
    for (line, doing) in MOMENTS {
        let project = Project::new();
        let mut engine = project.rehearse_until(line);
        engine.kill().unwrap();
        engine.wait().unwrap();
        let again = project.run(&["rehearse", "."]);
        assert!(again.status.success(), "killed in {doing}: {}", text(&again.stderr));
        assert_eq!(decisions(&again), decided, "killed in {doing}");
        assert_eq!(project.end(), end, "killed in {doing}");
        assert_eq!(project.attempts_at_work(), 0, "killed in {doing}");
    }
}

#[test]
fn a_second_rehearsal_on_the_same_state_says_who_has_it_and_changes_nothing() {
    let project = Project::new();
    let mut engine = project.rehearse_until("candidate   epoch 1");
    let second = project.run(&["rehearse", "."]);
    assert_eq!(second.status.code(), Some(3), "{}", text(&second.stderr));
    assert!(text(&second.stderr).contains(&engine.id().to_string()), "{}", text(&second.stderr));
    for question in [["ps", ""], ["status", "@latest"], ["logs", "@latest"], ["why", "@latest"]] {
        let words: Vec<&str> = question.into_iter().filter(|word| !word.is_empty()).collect();
        let answer = project.run(&words);
        assert!(answer.status.success(), "{words:?}: {}", text(&answer.stderr));
    }
    assert!(engine.wait().unwrap().success());
    let runs = text(&project.run(&["ps"]).stdout);
    assert_eq!(runs.matches("quickstart").count(), 1, "{runs}");
}
