//! `suho daemon`: the project followed without a terminal.

use crate::args;
use crate::failure::Failure;
use crate::git::Repository;
use crate::logging::{self, LogFormat};
use crate::project::{Project, reason};
use crate::registry;
use crate::terminal::{Terminal, err};
use crate::traces::Sender;
use crate::workplace::{Bench, Origin};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use std::io::Read as _;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use suho_check::Severity;
use suho_daemon::{Candidate, DaemonError, Options, Place, Remote, TestClock, Time, Tls, WallTime};
use suho_domain::{Fault, fault};
use suho_driver::CachePolicy;

/// Names a socket that a tester sets the daemon's clock by; debug builds alone look at it.
const TEST_CLOCK: &str = "SUHO_TEST_CLOCK";

/// Names the collector of traces, as OpenTelemetry has it.
const COLLECTOR: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";

/// How often a followed branch is fetched.
const FETCH_EVERY: Duration = Duration::from_secs(30);
/// How long a fetch may take.
const FETCH_MAX: Duration = Duration::from_mins(1);

/// `suho daemon`: works until it is told to leave.
pub(crate) fn daemon(args: &args::Daemon, terminal: Terminal) -> Result<u8, Failure> {
    let here = args.place.project.clone().unwrap_or_else(|| PathBuf::from("."));
    let project = Project::of(&here)?;
    let state = state(args, &project)?;
    let token = args.token_file.as_deref().map(token).transpose()?;
    let options = Options {
        data_dir: state.clone(),
        environment: args.env.clone(),
        listen: args.listen,
        ready_file: args.ready_file.clone(),
        runs_max: args.runs_max,
        token,
        tls: match (&args.tls_cert, &args.tls_key) {
            (Some(certificate), Some(key)) => {
                Some(Tls { certificate: certificate.clone(), key: key.clone() })
            }
            _ => None,
        },
    };
    let time = time().map_err(|error| failure(&error))?;
    logging::begin(args.log, &time);
    let collector = args.otlp.clone().or_else(|| std::env::var_os(COLLECTOR)?.into_string().ok());
    let traces = collector.as_deref().map(Sender::to).transpose()?;
    if let Some(branch) = &args.branch {
        let fetched = Repository::of(project.root()).and_then(|it| it.fetch(branch, FETCH_MAX));
        if let Err(failure) = fetched {
            tracing::warn!("{}", failure.sentence());
        }
    }
    let root = project.root().to_path_buf();
    let text = match &args.branch {
        Some(branch) => Origin::Branch(branch.clone(), Mutex::new(None)),
        None => Origin::Folder,
    };
    let cache = CachePolicy::Use;
    let bench = Bench { project, state, time: Arc::clone(&time), cache, text, traces };
    let entered = Candidate::enter(&options, Arc::new(bench), time);
    let candidate = entered.map_err(|error| failure(&error))?;
    let remote = candidate.remote();
    heed_signals(&remote)?;
    let Some(daemon) = candidate.lead().map_err(|error| failure(&error))? else { return Ok(0) };
    if let Some(branch) = &args.branch {
        follow(root, branch.clone(), remote)?;
    }
    if !terminal.is_quiet {
        say_where(daemon.place(), &options.data_dir, args.log);
    }
    daemon.run().map_err(|error| failure(&error))?;
    Ok(0)
}

/// Says where the daemon is found, in a line that people and scripts look for.
fn say_where(place: &Place, state: &Path, log: LogFormat) {
    let Place { environment, address, pid, open, .. } = place;
    let open = open.map(|open| format!(" and to others on https://{open}")).unwrap_or_default();
    let state = state.display();
    let words = format!(
        "environment `{environment}` in `{state}`, answering on http://{address}{open}, process {pid}"
    );
    match log {
        LogFormat::Text => err(&format!("{words}\n")),
        LogFormat::Json => tracing::info!("{words}"),
    }
}

/// The state folder, which names the environment's database if that is elsewhere.
fn state(args: &args::Daemon, project: &Project) -> Result<PathBuf, Failure> {
    let checked = suho_check::check(&project.files(&[project.root().to_path_buf()])?, project);
    let is_whole = checked.diagnostics.iter().all(|it| it.severity != Severity::Error);
    let state = args.data_dir.as_deref().map(absolute).transpose()?;
    match state {
        // A broken text says nothing; the daemon tells of it, and may go on with an earlier one.
        _ if !is_whole => Ok(state.unwrap_or_else(|| project.state(&args.env))),
        None => registry::settle(project, &checked.program, &args.env),
        Some(state) => {
            registry::settle_folder(&state, project, &checked.program, &args.env)?;
            Ok(state)
        }
    }
}

/// Fetches `branch` again and again, and lets the daemon read what came. What keeps it from fetching
/// is told once in a row; meanwhile the daemon goes on with what it has.
fn follow(root: PathBuf, branch: String, remote: Remote) -> Result<(), Failure> {
    let fetch = move || {
        let repository = Repository::of(&root)?;
        let before = repository.newest(&branch)?.id().to_owned();
        repository.fetch(&branch, FETCH_MAX)?;
        Ok::<_, Failure>(repository.newest(&branch)?.id() != before)
    };
    let look = move || {
        let mut told = None;
        loop {
            std::thread::sleep(FETCH_EVERY);
            match fetch() {
                Ok(has_moved) => {
                    told = None;
                    if has_moved {
                        remote.reload();
                    }
                }
                Err(failure) => {
                    let words = failure.sentence();
                    if told.as_ref() != Some(&words) {
                        remote.trouble("cannot-fetch", words.clone());
                        told = Some(words);
                    }
                }
            }
        }
    };
    let thread = std::thread::Builder::new().name("fetch".to_owned()).spawn(look);
    thread.map(drop).map_err(|error| Failure::from_error(Fault::World, "no-thread", &error))
}

fn failure(error: &DaemonError) -> Failure {
    if let DaemonError::Store(error) = error {
        return crate::refusal::failure(error);
    }
    let failure = Failure::new(error.fault(), error.code(), fault::chain(error));
    error.help().into_iter().fold(failure, Failure::help)
}

fn absolute(folder: &Path) -> Result<PathBuf, Failure> {
    std::path::absolute(folder).map_err(|error| {
        let message = format!("cannot find `{}`: {}", folder.display(), reason(&error));
        Failure::user("no-such-file", message)
    })
}

/// What requests must carry: the file's text without its line's end.
fn token(file: &Path) -> Result<(String, PathBuf), Failure> {
    let text = crate::project::read(file)?;
    let token = text.trim();
    if token.is_empty() {
        let message = format!("`{}` holds no token", file.display());
        return Err(Failure::user("no-token", message)
            .help("fill it, for example with `openssl rand -hex 32`"));
    }
    Ok((token.to_owned(), absolute(file)?))
}

/// The machine's clock, or in debug builds a tester's.
fn time() -> Result<Arc<dyn Time>, DaemonError> {
    if cfg!(debug_assertions)
        && let Some(tester) = std::env::var_os(TEST_CLOCK)
    {
        return Ok(Arc::new(TestClock::connect(&tester.to_string_lossy())?));
    }
    Ok(Arc::new(WallTime))
}

/// SIGTERM and SIGINT let the daemon go, SIGHUP lets it read the project again.
fn heed_signals(remote: &Remote) -> Result<(), Failure> {
    let (leave, reload) = (remote.clone(), remote.clone());
    heed(&[SIGTERM, SIGINT], move || leave.leave())?;
    heed(&[SIGHUP], move || reload.reload())
}

/// Calls `heed` for each of `signals`, on a thread that sleeps until one comes.
fn heed(signals: &[i32], heed: impl Fn() + Send + 'static) -> Result<(), Failure> {
    let failed = |error: std::io::Error| Failure::from_error(Fault::World, "signals", &error);
    let (mut receiver, sender) = UnixStream::pair().map_err(failed)?;
    for signal in signals {
        let sender = sender.try_clone().map_err(failed)?;
        signal_hook::low_level::pipe::register(*signal, sender).map_err(failed)?;
    }
    let wait = move || {
        let mut byte = [0];
        while receiver.read_exact(&mut byte).is_ok() {
            heed();
        }
    };
    let thread = std::thread::Builder::new().name("signals".to_owned());
    thread.spawn(wait).map(drop).map_err(failed)
}
