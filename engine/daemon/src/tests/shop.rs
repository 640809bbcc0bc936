//! A workplace with a text that can be edited and attempts that outlive daemons.

use crate::{
    Candidate, Daemon, DaemonError, Options, Place, Refusal, Remote, TestClock, Text, Time as _,
    Workplace,
};
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::num::NonZeroU32;
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex};
use std::thread::JoinHandle;
use suho_check::{Program, Severity, World, check};
use suho_domain::{
    AttemptKey, Digest, FailureClass, Fault, Instant, Name, Record, RunStatus, Value,
};
use suho_driver::executor::{Executor, ExecutorError, Observed, Stop};
use suho_driver::ports::{ModelRow, RunRow};
use suho_driver::registry::RouteRow;
use suho_driver::world::{
    Clock, Evidence, Look, Observer, Resumed, RolloutFacts, RolloutLook, Sources, Traffic,
    WorldError,
};
use suho_driver::{CachePolicy, EngineError, Rim, Setting, carry_out};
use suho_scheduler::Event;
use suho_step::{Ending, Order, Outcome, Progress, StepError};
use suho_store::{Access, DecisionRow, SqliteStore};
use tempfile::TempDir;

/// Two steps, one after the other, every hour by the clocks of Berlin.
pub(crate) const HOURLY: &str = r#"edition 2026

use std.ops

pipeline nightly(words: Text = "again") {
  timezone = "Europe/Berlin"

  shell first {
    script = "true"
    env    = { WORDS = words }
  }

  shell second {
    script = "true"
    after  = [first]
  }
}

trigger hourly {
  on       = cron("0 * * * *")
  run      = nightly()
  catch_up = latest
}
"#;

pub(super) fn at(text: &str) -> Instant {
    text.parse().unwrap()
}

/// A folder, a clock and a workshop; daemons come and go.
pub(super) struct Shop {
    pub(super) folder: TempDir,
    pub(super) clock: Arc<TestClock>,
    pub(super) bench: Arc<Bench>,
}

/// What every daemon of a shop shares.
#[derive(Default)]
pub(super) struct Bench {
    pub(super) text: Mutex<String>,
    /// How often each attempt was begun.
    pub(super) begun: Mutex<BTreeMap<AttemptKey, Order>>,
    /// Attempts do not end while this is set.
    pub(super) is_slow: Mutex<bool>,
    pub(super) said: Mutex<Vec<String>>,
    /// The commit that `main` is at, where that is followed, and what it changed.
    pub(super) head: Mutex<Option<(String, Vec<String>)>>,
    /// How many runs were carried to an end, and a bell for each.
    ended: Mutex<Vec<(Name, u64, RunStatus)>>,
    bell: Condvar,
}

/// A daemon on a thread.
pub(super) struct Working {
    pub(super) place: Place,
    pub(super) remote: Remote,
    thread: JoinHandle<Result<(), DaemonError>>,
}

impl Working {
    /// Lets the daemon go and waits until it has gone.
    pub(super) fn leave(self) {
        self.remote.leave();
        self.thread.join().unwrap().unwrap();
    }
}

impl Shop {
    pub(super) fn new(text: &str, now: &str) -> Self {
        let bench = Bench { text: Mutex::new(text.to_owned()), ..Bench::default() };
        let clock = Arc::new(TestClock::at(at(now)));
        Self { folder: tempfile::tempdir().unwrap(), clock, bench: Arc::new(bench) }
    }

    pub(super) fn options(&self) -> Options {
        Options {
            data_dir: self.folder.path().join("state"),
            environment: "default".to_owned(),
            listen: "127.0.0.1:0".parse().unwrap(),
            ready_file: None,
            runs_max: NonZeroU32::new(2).unwrap(),
            token: None,
            tls: None,
        }
    }

    pub(super) fn start(&self) -> Result<(Daemon, Remote), DaemonError> {
        self.start_with(&self.options())
    }

    pub(super) fn start_with(&self, options: &Options) -> Result<(Daemon, Remote), DaemonError> {
        let bench: Arc<dyn Workplace> = Arc::clone(&self.bench) as Arc<dyn Workplace>;
        let clock: Arc<dyn crate::Time> = Arc::clone(&self.clock) as Arc<dyn crate::Time>;
        let candidate = Candidate::enter(options, bench, clock)?;
        let remote = candidate.remote();
        let daemon = candidate.lead()?.expect("nobody told it to leave");
        Ok((daemon, remote))
    }

    pub(super) fn open(&self) -> Working {
        self.open_with(&self.options())
    }

    pub(super) fn open_with(&self, options: &Options) -> Working {
        let (daemon, remote) = self.start_with(options).unwrap();
        let place = daemon.place().clone();
        Working { place, remote, thread: std::thread::spawn(|| daemon.run()) }
    }

    /// Waits until `runs` runs in all have ended; answers how, in the order of their ends.
    pub(super) fn ended(&self, runs: usize) -> Vec<(String, u64, RunStatus)> {
        let ended = self.bench.ended.lock().unwrap();
        let ended = self.bench.bell.wait_while(ended, |ended| ended.len() < runs).unwrap();
        ended.iter().map(|(name, number, status)| (name.to_string(), *number, *status)).collect()
    }

    pub(super) fn store(&self) -> SqliteStore {
        SqliteStore::open(&self.folder.path().join("state"), Access::Read).unwrap()
    }

    /// The decisions of the only schedule, oldest first.
    pub(super) fn decisions(&self) -> Vec<DecisionRow> {
        let store = self.store();
        let rows = store.schedules("default").unwrap();
        let mut decisions = store.decisions(rows[0].id, 1_000).unwrap();
        decisions.reverse();
        decisions
    }

    pub(super) fn edit(&self, from: &str, to: &str) {
        let mut text = self.bench.text.lock().unwrap();
        assert!(text.contains(from), "`{from}` is not in the text");
        *text = text.replace(from, to);
    }

    /// A commit on `main` that changed `files`.
    pub(super) fn push(&self, revision: &str, files: &[&str]) {
        let files = files.iter().map(|file| (*file).to_owned()).collect();
        *self.bench.head.lock().unwrap() = Some((revision.to_owned(), files));
    }

    pub(super) fn set(&self, now: &str) {
        self.clock.set(at(now));
    }

    pub(super) fn now(&self) -> Instant {
        self.clock.now()
    }

    /// Does to the closed database's bytes what suho never would.
    pub(super) fn damage(&self, from: &str, to: &str) {
        assert_eq!(from.len(), to.len());
        let path = self.folder.path().join("state/suho.db");
        let mut bytes = std::fs::read(&path).unwrap();
        let places = bytes.windows(from.len()).enumerate();
        let places: Vec<_> = places.filter(|(_, it)| *it == from.as_bytes()).collect();
        let places: Vec<_> = places.into_iter().map(|(place, _)| place).collect();
        assert!(!places.is_empty(), "`{from}` is not in the database");
        for place in places {
            bytes[place..place + to.len()].copy_from_slice(to.as_bytes());
        }
        std::fs::write(&path, bytes).unwrap();
    }

    pub(super) fn slow(&self, is_slow: bool) {
        *self.bench.is_slow.lock().unwrap() = is_slow;
    }
}

impl Workplace for Bench {
    fn read(&self) -> Result<Text, Refusal> {
        let files = vec![("text.suho".to_owned(), self.text.lock().unwrap().clone())];
        let revision = self.head.lock().unwrap().as_ref().map(|(revision, _)| revision.clone());
        Ok(Text { files, origin: "folder".to_owned(), revision })
    }

    fn branch(&self) -> Option<String> {
        self.head.lock().unwrap().as_ref().map(|_| "main".to_owned())
    }

    fn changed(&self, _: &str, _: &str) -> Result<Vec<String>, Refusal> {
        let head = self.head.lock().unwrap();
        Ok(head.as_ref().map(|(_, files)| files.clone()).unwrap_or_default())
    }

    fn compile(&self, files: &[(String, String)]) -> Result<Program, Refusal> {
        let checked = check(files, &Prelude);
        let wrong = checked.diagnostics.iter().find(|found| found.severity == Severity::Error);
        wrong.map_or(Ok(checked.program), |wrong| Err(Refusal::user(wrong.code, &wrong.message)))
    }

    fn say(&self, words: &str) {
        self.said.lock().unwrap().push(words.to_owned());
    }

    fn verify(&self, _: &ModelRow) -> Result<(), Refusal> {
        Ok(())
    }

    fn carry(
        &self,
        store: &SqliteStore,
        run: &RunRow,
        clock: &mut dyn Clock,
    ) -> Result<RunStatus, EngineError> {
        assert!(!run.plan.as_str().contains(UNLUCKY), "a bug that only one run meets");
        let setting = Setting {
            project: "/nowhere".into(),
            artifacts: "/nowhere".to_owned(),
            code: Digest::of(b"code"),
            engine_version: "0".to_owned(),
            feature_version: "1".to_owned(),
            actor: "test".to_owned(),
            cache: CachePolicy::Renew,
            until: None,
        };
        let mut store = store;
        let mut hands = Hands { bench: self };
        let mut world = Nowhere { now: clock.wall() };
        let rim = Rim {
            store: &mut store,
            executor: &mut hands,
            world: &mut world,
            clock,
            observer: &mut Nobody,
            sources: &NoSources,
        };
        let status = carry_out(rim, setting, &run.id)?;
        let mut ended = self.ended.lock().unwrap();
        ended.push((run.pipeline.clone(), run.number, status));
        self.bell.notify_all();
        Ok(status)
    }
}

/// Attempts: begun once, ended as soon as nobody wants them slow.
struct Hands<'a> {
    bench: &'a Bench,
}

impl Executor for Hands<'_> {
    fn submit(&mut self, order: &Order) -> Result<(), ExecutorError> {
        let mut begun = self.bench.begun.lock().unwrap();
        begun.entry(order.key.clone()).or_insert_with(|| order.clone());
        Ok(())
    }

    fn observe(&mut self, key: &AttemptKey) -> Result<Observed, ExecutorError> {
        let Some(order) = self.bench.begun.lock().unwrap().get(key).cloned() else {
            return Ok(Observed::Gone(FailureClass::Infrastructure));
        };
        let is_stopped = order.timeout.is_some_and(|timeout| timeout.micros() < 0);
        if *self.bench.is_slow.lock().unwrap() && !is_stopped {
            return Ok(Observed::Running);
        }
        let result = if is_stopped {
            Ending::Failed(StepError::cancelled())
        } else {
            Ending::Succeeded { outputs: Record::new() }
        };
        Ok(Observed::Ended(Box::new(Outcome {
            key: key.clone(),
            epoch: order.epoch,
            content: order.content.clone(),
            started_at: order.logical_time,
            ended_at: order.logical_time,
            result,
            usage: None,
        })))
    }

    fn progress(&mut self, _: &AttemptKey) -> Result<Vec<Progress>, ExecutorError> {
        Ok(Vec::new())
    }

    fn stop(&mut self, key: &AttemptKey, _: Stop) -> Result<(), ExecutorError> {
        if let Some(order) = self.bench.begun.lock().unwrap().get_mut(key) {
            order.timeout = Some(suho_domain::Duration::from_seconds(-1));
        }
        Ok(())
    }
}

/// The world of runs without rollouts.
struct Nowhere {
    now: Instant,
}

impl Traffic for Nowhere {
    fn route(&mut self, _: &RouteRow) -> Result<(), WorldError> {
        Ok(())
    }
}

impl Evidence for Nowhere {
    fn now(&self) -> Instant {
        self.now
    }

    fn begin(&mut self, _: &RolloutFacts, _: Option<Resumed>) -> Result<(), WorldError> {
        Ok(())
    }

    fn look(&mut self) -> Result<Look, WorldError> {
        Ok(Look::Idle)
    }

    fn end(&mut self) {}
}

struct Nobody;

impl Observer for Nobody {
    fn event(&mut self, _: &Event, _: Instant) {}

    fn progress(&mut self, _: &Name, _: &Progress) {}

    fn rollout(&mut self, _: &RolloutLook<'_>) {}

    fn ended(&mut self, _: RunStatus) {}
}

struct NoSources;

impl Sources for NoSources {
    fn fingerprint(&self, _: &Value) -> Result<Digest, WorldError> {
        Err(WorldError {
            code: "none".to_owned(),
            message: "there is no source".to_owned(),
            help: None,
            fault: Fault::User,
        })
    }
}

/// The library, from its files.
pub(crate) struct Prelude;

impl World for Prelude {
    fn prelude(&self) -> Vec<(String, String)> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../stdlib/prelude");
        let file =
            |name: &str| (name.to_owned(), std::fs::read_to_string(folder.join(name)).unwrap());
        ["core.suho", "ml.suho", "ops.suho", "rollout.suho", "sim.suho"]
            .into_iter()
            .map(file)
            .collect()
    }

    fn read(&self, _: &str, path: &str) -> Result<(String, String), String> {
        Err(format!("there is no `{path}`"))
    }

    fn features(&self) -> Option<Vec<String>> {
        None
    }
}

/// The word of the run that meets a bug.
pub(super) const UNLUCKY: &str = "unlucky";

/// One request, as it goes over the wire: the status and the body.
pub(super) fn asks(place: &Place, request: &str, headers: &[&str], body: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(place.address).unwrap();
    let has_host = headers.iter().any(|header| header.starts_with("Host:"));
    let host = if has_host { "" } else { "Host: localhost\r\n" };
    let headers: String = headers.iter().map(|header| format!("{header}\r\n")).collect();
    let length = body.len();
    let text = format!(
        "{request} HTTP/1.1\r\n{host}{headers}Content-Type: application/json\r\n\
         Content-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    );
    stream.write_all(text.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    (status, body.to_owned())
}

/// A POST whose answer is JSON.
pub(super) fn post(place: &Place, path: &str, headers: &[&str], body: &str) -> (u16, Json) {
    let (status, body) = asks(place, &format!("POST {path}"), headers, body);
    (status, serde_json::from_str(&body).unwrap())
}
