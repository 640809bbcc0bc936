//! `suho daemon` killed again and again under load: nothing acknowledged is lost, nothing is done
//! twice, nothing is left running.
//!
//! `SUHO_KILLS` says how often (20 if not set), `SUHO_SEED` how chance falls (1 if not set).

use super::text;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use suho_domain::{Instant, RunId, RunStatus};
use suho_driver::ports::Store as _;
use suho_scheduler::Event;
use suho_store::{Access, RunFilter, SqliteStore};

const PIPELINE: &str = r#"edition 2026

use std.ml
use std.ops

/// As quick as a real step can be; another `sequence` is another content.
pipeline quick(sequence: Int = 8) {
  calendar = always

  dataset first {
    source    = csv("bars.csv")
    symbol    = "EUR/USD"
    timeframe = 1h
    features  = ["close"]
    horizon   = 4h
    label     = fixed(10bps)
    sequence  = sequence
  }

  dataset second {
    source    = csv("bars.csv")
    symbol    = "EUR/USD"
    timeframe = 1h
    features  = ["close"]
    horizon   = 2h
    label     = fixed(10bps)
    sequence  = sequence
    after     = [first]
  }
}

trigger hourly {
  on       = cron("0 * * * *")
  run      = quick(sequence: 5)
  catch_up = all
}
"#;

/// 2026-03-02T10:30:00Z: when the first daemon reads the text.
const BEGIN_MS: i64 = 1_772_447_400_000;
const HOUR_MS: i64 = 3_600_000;

/// SplitMix64: chance that falls the same way for the same seed.
struct Chance(u64);

impl Chance {
    fn below(&mut self, most: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % most
    }
}

/// A project, and the clock that its daemons are told.
struct Town {
    folder: tempfile::TempDir,
    now: Arc<Mutex<i64>>,
}

/// One daemon, from its start to its death.
struct Life {
    child: Child,
    lines: Lines,
    /// Lines of its journal about runs that were heard.
    heard: u64,
}

type Lines = Box<dyn Iterator<Item = String>>;

impl Town {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("project.suho"), "edition 2026\n").unwrap();
        fs::write(folder.path().join("pipeline.suho"), PIPELINE).unwrap();
        fs::write(folder.path().join("bars.csv"), bars()).unwrap();
        let now = Arc::new(Mutex::new(BEGIN_MS));
        let listener = UnixListener::bind(folder.path().join("clock")).unwrap();
        let told = Arc::clone(&now);
        // Who connects is told the time; each daemon of the storm sees one moment.
        std::thread::spawn(move || {
            let mut heard = Vec::new();
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                drop(writeln!(stream, "now={}", *told.lock().unwrap()));
                heard.push(stream);
            }
        });
        Self { folder, now }
    }

    fn root(&self) -> &Path {
        self.folder.path()
    }

    fn state(&self) -> PathBuf {
        self.root().join(".suho")
    }

    fn hour_passes(&self) {
        *self.now.lock().unwrap() += HOUR_MS;
    }

    #[expect(clippy::disallowed_methods, reason = "the binary under test is a process")]
    fn daemon(&self) -> Life {
        let mut child = Command::new(env!("CARGO_BIN_EXE_suho"))
            .args(["daemon", "--runs-max", "3"])
            .current_dir(self.root())
            .env("SUHO_TEST_CLOCK", format!("unix:{}", self.root().join("clock").display()))
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok);
        Life { child, lines: Box::new(lines), heard: 0 }
    }

    /// Processes that work for this project's attempts.
    fn attempts_at_work(&self) -> usize {
        let processes = Path::new("/proc").read_dir().into_iter().flatten().flatten();
        let is_ours = |process: &fs::DirEntry| {
            let environ = fs::read(process.path().join("environ")).unwrap_or_default();
            let folder = fs::read_link(process.path().join("cwd")).unwrap_or_default();
            text(&environ).contains("SUHO_ATTEMPT_KEY") && folder.starts_with(self.root())
        };
        processes.filter(is_ours).count()
    }
}

impl Life {
    /// The port of a daemon that has recovered.
    fn port(&mut self) -> u16 {
        loop {
            let line = self.next();
            if let Some((_, after)) = line.split_once("answering on http://127.0.0.1:") {
                return after.split(',').next().unwrap().parse().unwrap();
            }
        }
    }

    fn next(&mut self) -> String {
        // None is a daemon that ended by itself.
        let line = self.lines.next().unwrap();
        self.heard += u64::from(line.contains("(run "));
        line
    }

    /// Lets the journal come to so many lines about runs: so far the daemon gets.
    fn hear(&mut self, lines: u64) {
        while self.heard < lines {
            self.next();
        }
    }

    fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

fn bars() -> String {
    let mut text = "time,open,high,low,close,volume\n".to_owned();
    // As many as a data set wants at least, and some more.
    for hour in 0..2_000_i64 {
        let hours = BEGIN_MS / HOUR_MS - 2_400 + hour;
        let at = Instant::from_micros(hours * HOUR_MS * 1_000);
        let close = 1.1 + 0.01 * f64::from(u8::try_from(hour * 37 % 101).unwrap()) / 101.0;
        let (low, high) = (close - 0.001, close + 0.001);
        writeln!(text, "{at},{close:.5},{high:.5},{low:.5},{close:.5},100").unwrap();
    }
    text
}

/// Sends a submission; the answer's status and run, if there was an answer.
fn submit(port: u16, key: &str, sequence: u64, waits: bool) -> Option<(u16, String)> {
    let body = json!({ "pipeline": "quick", "params": { "sequence": sequence.to_string() } });
    let body = body.to_string();
    let request = format!(
        "POST /v1/runs HTTP/1.1\r\nHost: localhost\r\nIdempotency-Key: {key}\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    let mut stream = TcpStream::connect(("127.0.0.1", port)).ok()?;
    stream.write_all(request.as_bytes()).ok()?;
    if !waits {
        return None;
    }
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let body: Value = serde_json::from_str(body).ok()?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    Some((status, body["run"]["id"].as_str()?.to_owned()))
}

/// Waits for the end of a run: its log is followed until it says so.
fn follow(port: u16, run: &str) {
    let request = format!(
        "GET /v1/runs/{run}/logs?follow=true HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    );
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut said = String::new();
    stream.read_to_string(&mut said).unwrap();
    assert!(said.contains("event: end"), "run {run}: {said}");
}

fn number(name: &str, otherwise: u64) -> u64 {
    std::env::var_os(name).map_or(otherwise, |text| text.to_str().unwrap().parse().unwrap())
}

#[test]
fn a_daemon_killed_again_and_again_loses_nothing_and_does_nothing_twice() {
    let (kills, seed) = (number("SUHO_KILLS", 20), number("SUHO_SEED", 1));
    let town = Town::new();
    let mut chance = Chance(seed);
    // What was asked for, and the run it was answered with, if it was.
    let mut asked: BTreeMap<String, (u64, Option<String>)> = BTreeMap::new();
    for life in 0..kills {
        let mut daemon = town.daemon();
        // Some die while they recover.
        if life > 0 && chance.below(5) == 0 {
            for _ in 0..chance.below(3) {
                daemon.next();
            }
            daemon.kill();
            town.hour_passes();
            continue;
        }
        let port = daemon.port();
        let mut answered = 0;
        for _ in 0..chance.below(3) {
            let key = format!("k{}", asked.len());
            let sequence = 6 + asked.len() as u64 % 20;
            // Some hear no answer; they ask again under the same key later.
            let answer = submit(port, &key, sequence, chance.below(4) != 0);
            answered += u64::from(answer.is_some());
            asked.insert(key, (sequence, answer.map(|(_, run)| run)));
        }
        // Each run says when it is taken up and when it ends; each life but the first has a slot.
        daemon.hear(chance.below(2 * (answered + u64::from(life > 0)) + 1));
        daemon.kill();
        town.hour_passes();
    }
    let mut daemon = town.daemon();
    let port = daemon.port();
    for (key, (sequence, run)) in &mut asked {
        let (status, again) = submit(port, key, *sequence, true).unwrap();
        assert!([200, 201].contains(&status), "seed {seed}: {key} was answered {status}");
        if let Some(run) = run {
            assert_eq!((status, &*run), (200, &again), "seed {seed}: {key} became another run");
        }
        *run = Some(again);
    }
    let store = SqliteStore::open(&town.state(), Access::Read).unwrap();
    let runs = store.runs(&RunFilter::ANY, 10_000).unwrap();
    for run in &runs {
        follow(port, run.id.as_str());
    }
    daemon.kill();
    assert_eq!(town.attempts_at_work(), 0, "seed {seed}: an attempt is left running");
    check_runs(&store, seed, &asked);
    check_slots(&store, seed, i64::try_from(kills).unwrap());
}

/// Each run that was asked for is there once and came to its end, each step with one result.
fn check_runs(store: &SqliteStore, seed: u64, asked: &BTreeMap<String, (u64, Option<String>)>) {
    let runs = store.runs(&RunFilter::ANY, 10_000).unwrap();
    let ids: BTreeSet<&str> = runs.iter().map(|run| run.id.as_str()).collect();
    let answered: BTreeSet<&str> = asked.values().filter_map(|(_, run)| run.as_deref()).collect();
    assert_eq!(answered.len(), asked.len(), "seed {seed}: two keys have one run");
    assert!(answered.is_subset(&ids), "seed {seed}: an acknowledged run is lost");
    let mut reader = store;
    for run in &runs {
        let (_, log) = reader.load(&RunId::clone(&run.id)).unwrap();
        assert_eq!(run.status, RunStatus::Succeeded, "seed {seed}: run {}: {log:#?}", run.id);
        let mut done = BTreeMap::new();
        for logged in &log {
            if let Event::AttemptSucceeded { step, .. } | Event::StepCached { step, .. } =
                &logged.event
            {
                *done.entry(step.to_string()).or_insert(0) += 1;
            }
        }
        let once = BTreeMap::from([("first".to_owned(), 1), ("second".to_owned(), 1)]);
        assert_eq!(done, once, "seed {seed}: run {} has other results", run.id);
    }
}

/// Every hour that passed has exactly one decision, and each run of the schedule its own.
fn check_slots(store: &SqliteStore, seed: u64, hours: i64) {
    let schedules = store.schedules("default").unwrap();
    let mut decisions = store.decisions(schedules[0].id, 10_000).unwrap();
    decisions.reverse();
    let mut due = BEGIN_MS / HOUR_MS * HOUR_MS + HOUR_MS;
    let mut runs = BTreeSet::new();
    for row in &decisions {
        assert_eq!(row.decision.first.micros(), due * 1_000, "seed {seed}: {decisions:#?}");
        due += i64::from(row.decision.ticks) * HOUR_MS;
        if let Some(run) = &row.run {
            assert!(runs.insert(run.clone()), "seed {seed}: two slots have one run");
        }
    }
    assert_eq!((due - BEGIN_MS) / HOUR_MS, hours, "seed {seed}: {decisions:#?}");
}
