//! The process's side: what `suho exec FOLDER` does.
//!
//! The shim holds the attempt's lock, runs the step, and writes how it ended. It enforces the time
//! limit itself, because the engine that ordered the attempt may be dead by then; and it is the
//! same under every executor, because it needs nothing but the folder.

mod pen;
mod witness;

use crate::{alive, own};
use pen::Pen;
use rustix::process::{Signal, getpgrp, getpid, kill_current_process_group, setsid};
use std::any::Any;
use std::fs::File;
use std::io::{self, Write as _};
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use suho_domain::{Duration, FailureClass, Fault, fault};
use suho_step::attempt::{self, CANCELLED, FileError, ORDER};
use suho_step::{Context, Ending, Order, Outputs, StepError};
use witness::Witness;

/// How long after its grace a step of the user's own is given to write its own outcome.
const BACKSTOP: Duration = Duration::from_seconds(30);

/// What the shim calls to do the order's work: finds the step of its kind and runs it.
pub type Work<'a> = dyn Fn(&Order, &mut Context<'_>) -> Result<Outputs, StepError> + 'a;

/// Why the shim did not run an attempt, or could not say how it ended.
#[derive(Debug, thiserror::Error)]
enum ShimError {
    /// The attempt is at work in another process. `World`.
    #[error("the attempt in `{}` is running in another process", .0.display())]
    Running(PathBuf),
    /// The attempt has begun before; it is never begun twice. `World`.
    #[error("the attempt in `{}` has begun before", .0.display())]
    Begun(PathBuf),
    /// There is no order in the folder. `User`: somebody named the wrong folder.
    #[error("there is no `{ORDER}` in `{}`", .0.display())]
    NoOrder(PathBuf),
    /// The attempt's lock or the process's own group refuses. `World`.
    #[error("cannot take the attempt in `{}`", path.display())]
    Take {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    /// A file of the attempt refuses.
    #[error(transparent)]
    File(#[from] FileError),
}

impl ShimError {
    const fn fault(&self) -> Fault {
        match self {
            Self::NoOrder(_) => Fault::User,
            Self::Running(_) | Self::Begun(_) | Self::Take { .. } => Fault::World,
            Self::File(error) => error.fault(),
        }
    }
}

/// Runs the attempt in the absolute path `folder` by `work`, once ever, and answers the exit code
/// of this process: 0 when the step did its work, else that of its failure's fault.
///
/// To be called once in a process's life, at its beginning: the process becomes the attempt. A
/// panic in `work` is an outcome like any other. SIGTERM asks the step to stop; when the order's
/// time limit has passed, the process ends itself and all its children.
pub fn exec(folder: &Path, work: &Work<'_>) -> u8 {
    let ended = attempted(folder, work);
    ended.unwrap_or_else(|error| {
        // Nobody is left to tell if this fails as well; the exit code still tells whose fault.
        drop(writeln!(io::stderr(), "{}", fault::chain(&error)));
        error.fault().exit_code()
    })
}

/// Puts on the sandbox of the script in `folder` and becomes the script: what `exec` starts for a
/// step of the user's own. Answers only when that cannot be, with the exit code of this process.
pub fn confined(folder: &Path) -> u8 {
    own::confine::become_script(folder)
}

fn attempted(folder: &Path, work: &Work<'_>) -> Result<u8, ShimError> {
    let taken = |source| ShimError::Take { path: folder.to_owned(), source };
    begin(folder)?;
    let cancelled = Arc::new(AtomicBool::new(folder.join(CANCELLED).exists()));
    signal_hook::flag::register(signal_hook::consts::SIGTERM, Arc::clone(&cancelled))
        .map_err(taken)?;
    let order: Option<Order> = attempt::read_json(&folder.join(ORDER))?;
    let order = order.ok_or_else(|| ShimError::NoOrder(folder.to_owned()))?;
    let pen = Pen::new(folder, &order);
    // A step of the user's own is asked to end first, and ends itself; this is for when it cannot.
    let of_own = |exec: &suho_step::Exec| exec.bounds.grace.plus(BACKSTOP);
    let limit = pen.watch(order.timeout, order.exec.as_ref().map_or(Duration::ZERO, of_own));
    let ending = perform(&order, folder, cancelled, work);
    let code = match &ending {
        Ending::Succeeded { .. } => 0,
        Ending::Failed(error) => error.fault().exit_code(),
    };
    pen.write(ending)?;
    drop(limit);
    // What the step has left running is not wanted any more. We survive our own signal: it only
    // sets the flag. Children that do not care are killed by whoever buries us.
    kill_current_process_group(Signal::TERM).map_err(|error| taken(error.into()))?;
    Ok(code)
}

/// Makes this process the one that has begun the attempt, in a process group of its own.
fn begin(folder: &Path) -> Result<(), ShimError> {
    let refused = |source| ShimError::Take { path: folder.to_owned(), source };
    if getpgrp() != getpid() {
        // Not started by our executor: the time limit must not end whoever did.
        setsid().map_err(|error| refused(error.into()))?;
    }
    let inherited = alive::inherited(folder).map_err(refused)?;
    let lock: Option<File> = match inherited {
        Some(lock) => Some(lock),
        None => alive::take(folder).map_err(refused)?,
    };
    let mut lock = lock.ok_or_else(|| ShimError::Running(folder.to_owned()))?;
    if alive::begun(&mut lock).map_err(refused)?.is_some() {
        return Err(ShimError::Begun(folder.to_owned()));
    }
    alive::begin(&mut lock).map_err(refused)?;
    // The kernel lets go of it when the process is gone, and nobody may before.
    mem::forget(lock);
    Ok(())
}

/// Does the work, and says how it ended.
fn perform(order: &Order, folder: &Path, cancelled: Arc<AtomicBool>, work: &Work<'_>) -> Ending {
    let mut witness = Witness::new(folder, cancelled);
    let ran = if witness.has_been_cancelled() {
        Ok(Err(StepError::cancelled()))
    } else {
        catch_unwind(AssertUnwindSafe(|| {
            let mut context = Context::new(order, folder, &mut witness);
            match &order.exec {
                Some(exec) => own::run(order, exec, &mut context),
                None => work(order, &mut context),
            }
        }))
    };
    match ran {
        Ok(Ok(outputs)) => Ending::Succeeded { outputs: outputs.into_record() },
        Ok(Err(error)) => Ending::Failed(told_apart(error, folder)),
        Err(panic) => {
            let said = panic_text(panic.as_ref());
            let message = format!("step `{}` panicked: {said}", order.kind);
            Ending::Failed(StepError::bug("panicked", message))
        }
    }
}

/// A step cannot know who wanted it to stop. When nobody asked for the attempt's end, SIGTERM came
/// because the machine goes down, and another attempt may go well.
fn told_apart(error: StepError, folder: &Path) -> StepError {
    if error.class == FailureClass::Cancelled && !folder.join(CANCELLED).exists() {
        let message = "the machine asked the step to stop";
        return StepError::new(FailureClass::Preempted, "preempted", message);
    }
    error
}

/// What a panic said.
fn panic_text(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("no message")
}
