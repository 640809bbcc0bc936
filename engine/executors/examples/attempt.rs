//! A shim with steps that go wrong in every way an attempt can: what this crate's tests start.
//!
//! `attempt exec FOLDER`, as `suho exec FOLDER`; the order's kind says what goes wrong.

use rustix::fs::{FlockOperation, flock};
use rustix::process::{Signal, getpid, kill_process};
use std::fs::{self, File, OpenOptions};
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::time::Duration;
use suho_domain::Value;
use suho_executors::shim;
use suho_step::{Context, Order, Outputs, Progress, StepError};

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args_os().skip(1).collect();
    match arguments.as_slice() {
        [exec, folder] if exec == "exec" => ExitCode::from(shim::exec(Path::new(folder), &work)),
        [exec, confined, folder] if exec == "exec" && confined == "--confined" => {
            ExitCode::from(shim::confined(Path::new(folder)))
        }
        _ => ExitCode::from(2),
    }
}

fn work(order: &Order, context: &mut Context<'_>) -> Result<Outputs, StepError> {
    match order.kind.as_str() {
        "succeed" => Ok(succeed(context)),
        "fail" => Err(StepError::user("not-enough-bars", "only 12 bars").help("load more bars")),
        "panic" => panic_on_purpose(),
        "wait" => wait(context),
        "be_deaf" => loop {
            pause();
        },
        "leave_a_child" => leave_a_child(context).map(|()| succeed(context)),
        "hang_with_a_child" => leave_a_child(context).and_then(|()| wait(context)),
        "die_with_a_child" => leave_a_child(context).and_then(|()| die()),
        "tell_environment" => Ok(tell_environment()),
        kind => Err(StepError::bug("unknown-kind", format!("no step `{kind}`"))),
    }
}

fn succeed(context: &mut Context<'_>) -> Outputs {
    context.log("at work");
    context.progress(&Progress::of(1, 1).with("loss", 0.5));
    Outputs::new().with("seed", Value::text(context.seed().to_string()))
}

#[expect(clippy::panic, reason = "this is the step that panics")]
fn panic_on_purpose() -> ! {
    panic!("on purpose")
}

/// Ends well once there is a file `go` in the attempt's folder, and counts its beginnings there.
fn wait(context: &mut Context<'_>) -> Result<Outputs, StepError> {
    let refused = |error: std::io::Error| StepError::bug("no-count", error.to_string());
    let begun = OpenOptions::new().create(true).append(true).open(context.folder().join("begun"));
    begun.and_then(|mut file| file.write_all(b"x")).map_err(refused)?;
    while !context.folder().join("go").exists() {
        if context.is_cancelled() {
            return Err(StepError::cancelled());
        }
        pause();
    }
    Ok(succeed(context))
}

fn die() -> ! {
    // Not to be killed shows in the test: this step never ends.
    let _ = kill_process(getpid(), Signal::KILL);
    loop {
        pause();
    }
}

/// Starts a child that ignores SIGTERM and holds a lock on the file `child` for as long as it lives.
/// What it inherits of ours beside that must not matter.
fn leave_a_child(context: &Context<'_>) -> Result<(), StepError> {
    let refused = |error: std::io::Error| StepError::bug("no-child", error.to_string());
    let lock = File::create(context.folder().join("child")).map_err(refused)?;
    flock(&lock, FlockOperation::LockExclusive).map_err(|error| refused(error.into()))?;
    #[expect(clippy::disallowed_methods, reason = "steps that start children are what is tested")]
    let mut shell = Command::new("sh");
    let child = shell.args(["-c", "trap '' TERM; echo > ready; exec sleep 1000"]);
    child.stdout(Stdio::from(lock)).spawn().map_err(refused)?;
    while !fs::exists(context.folder().join("ready")).map_err(refused)? {
        pause();
    }
    Ok(())
}

fn tell_environment() -> Outputs {
    let names = std::env::vars().map(|(name, _)| Value::Text(name)).collect();
    let of = |name: &str| {
        Value::text(std::env::vars().find(|(n, _)| n == name).map_or(String::new(), |(_, v)| v))
    };
    Outputs::new()
        .with("names", Value::List(names))
        .with("key", of("SUHO_ATTEMPT_KEY"))
        .with("epoch", of("SUHO_EPOCH"))
}

fn pause() {
    std::thread::sleep(Duration::from_millis(1));
}
