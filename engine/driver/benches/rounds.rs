//! What the loop costs beside the disk: `cargo bench -p suho-driver`.
//!
//! Three shapes of steps that do nothing, durable, against the least that a durable engine can take
//! (`benches/bound.py`, which needs Python), one after the other in turn; then a thousand steps that
//! are a process each. Milliseconds of wall time and of processor time, the median of the turns, and
//! the ratios: the first says what somebody waits on this disk now, the second what it costs on a
//! machine that has other things to do. `-- TURNS` plays more turns, `-- chain`, `grid`, `fan` or
//! `processes` that row alone; `SUHO_BENCH_DIR` is where the databases lie.

#![expect(clippy::print_stdout, reason = "the table is the answer")]
#![expect(
    clippy::disallowed_methods,
    reason = "a benchmark looks at the clock and starts its peer"
)]

#[path = "rounds/hands.rs"]
mod hands;
#[path = "rounds/shape.rs"]
mod shape;

use hands::{AtOnce, Away, Processes, RealTime, Silent};
use rustix::time::{ClockId, clock_gettime};
use shape::Shape;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::sync::Arc;
use std::time::Instant;
use suho_domain::{Digest, RunStatus};
use suho_driver::executor::Executor;
use suho_driver::ports::{NewRun, PlanText, Store as _};
use suho_driver::{Bell, CachePolicy, Rim, Setting, carry_out};
use suho_executors::shim;
use suho_step::Outputs;
use suho_store::{Access, SqliteStore};

/// Turns where nothing else is asked for.
const TURNS: usize = 5;

type Answer<T> = Result<T, Box<dyn Error>>;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [exec, folder] = arguments.as_slice()
        && exec == "exec"
    {
        // We are one of the thousand processes.
        return ExitCode::from(shim::exec(Path::new(folder), &|_, _| Ok(Outputs::new())));
    }
    let turns = arguments.iter().find_map(|text| text.parse().ok()).unwrap_or(TURNS);
    let only = arguments.iter().find(|text| text.parse::<usize>().is_err() && *text != "--bench");
    match table(turns, only.map(String::as_str)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn table(turns: usize, only: Option<&str>) -> Answer<()> {
    println!(
        "| steps | bound ms | suho ms | ratio | bound CPU ms | suho CPU ms | ratio | steps/s |"
    );
    println!("|---|---|---|---|---|---|---|---|");
    for shape in [Shape::Chain, Shape::Grid, Shape::Fan] {
        if only.is_some_and(|only| only != shape.word()) {
            continue;
        }
        for (note, keeps) in [("", false), (", results kept", true)] {
            let what = format!("{}{note}", shape.title());
            row(&what, shape, turns, false, &|folder| at_once(shape, folder, keeps))?;
        }
    }
    if only.is_some_and(|only| only != "processes") {
        return Ok(());
    }
    row("fan of 1,000, a process each", Shape::Fan, turns, true, &|folder| {
        processes(Shape::Fan, folder)
    })
}

/// What one go took, in milliseconds.
#[derive(Clone, Copy)]
struct Took {
    wall: f64,
    /// Of the processor, in this process alone.
    cpu: f64,
}

fn row(
    what: &str,
    shape: Shape,
    turns: usize,
    spawns: bool,
    ours: &dyn Fn(&Path) -> Answer<Took>,
) -> Answer<()> {
    let (mut bounds, mut all) = (Vec::new(), Vec::new());
    for _ in 0..turns {
        let folder = tempfile::tempdir_in(place())?;
        bounds.push(bound(shape, folder.path(), spawns)?);
        all.push(ours(folder.path())?);
    }
    let median = |of: &[Took], time: fn(&Took) -> f64| {
        let mut times: Vec<f64> = of.iter().map(time).collect();
        times.sort_unstable_by(f64::total_cmp);
        times.get(times.len() / 2).copied().unwrap_or(f64::NAN)
    };
    let pair = |time| (median(&bounds, time), median(&all, time));
    let ((bound, ours), (bound_cpu, ours_cpu)) = (pair(|took| took.wall), pair(|took| took.cpu));
    let rate = f64::from(shape.steps()) / ours * 1e3;
    println!(
        "| {what} | {bound:.1} | {ours:.1} | {:.2} | {bound_cpu:.1} | {ours_cpu:.1} | {:.2} | {rate:.0} |",
        ours / bound,
        ours_cpu / bound_cpu
    );
    Ok(())
}

/// Milliseconds of processor time of this process so far.
fn cpu_ms() -> f64 {
    let now = clock_gettime(ClockId::ProcessCPUTime);
    now.tv_sec as f64 * 1e3 + now.tv_nsec as f64 / 1e6
}

/// On a disk: a folder in memory would make every commit free.
fn place() -> PathBuf {
    let given = std::env::var_os("SUHO_BENCH_DIR").map(PathBuf::from);
    given.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../.."))
}

fn bound(shape: Shape, folder: &Path, spawns: bool) -> Answer<Took> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/bound.py");
    let mut python = Command::new("python3");
    python.arg(script).arg(shape.word()).arg(folder);
    if spawns {
        python.arg("spawn");
    }
    let output = python.output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned().into());
    }
    let said = String::from_utf8(output.stdout)?;
    let (wall, cpu) = said.trim().split_once(' ').ok_or("the bound says less than two times")?;
    Ok(Took { wall: wall.parse()?, cpu: cpu.parse()? })
}

fn at_once(shape: Shape, folder: &Path, keeps: bool) -> Answer<Took> {
    carried(shape, folder, keeps, &mut AtOnce::default(), Arc::default())
}

fn processes(shape: Shape, folder: &Path) -> Answer<Took> {
    let bell = Arc::new(Bell::default());
    let mut executor = Processes::at(&folder.join("runs"), &bell)?;
    carried(shape, folder, false, &mut executor, bell)
}

/// The milliseconds from asking for a run to its end.
fn carried(
    shape: Shape,
    folder: &Path,
    keeps: bool,
    executor: &mut dyn Executor,
    bell: Arc<Bell>,
) -> Answer<Took> {
    let plan = shape.plan(keeps)?;
    let store = SqliteStore::open(&folder.join("state"), Access::Engine)?;
    let mut store = &store;
    let mut clock = RealTime { bell };
    let at = hands::now();
    let run = NewRun {
        pipeline: plan.pipeline.clone(),
        environment: shape::ENVIRONMENT.to_owned(),
        plan_digest: plan.digest.clone(),
        plan: PlanText::of(&plan)?,
        as_of: at,
        created_at: at,
        created_by: "bench".to_owned(),
    };
    let (began, cpu_before) = (Instant::now(), cpu_ms());
    let run = store.create_run(&run)?;
    let rim = Rim {
        store: &mut store,
        executor,
        world: &mut Away,
        clock: &mut clock,
        observer: &mut Silent,
        sources: &Away,
    };
    let status = carry_out(rim, setting(folder), &run.id)?;
    let (took, cpu) = (began.elapsed(), cpu_ms() - cpu_before);
    if status != RunStatus::Succeeded {
        return Err(format!("the run is `{status}`").into());
    }
    Ok(Took { wall: took.as_secs_f64() * 1e3, cpu })
}

fn setting(folder: &Path) -> Setting {
    Setting {
        project: folder.to_owned(),
        artifacts: folder.join("artifacts").display().to_string(),
        code: Digest::of(b"code"),
        engine_version: "0".to_owned(),
        feature_version: "0".to_owned(),
        actor: "bench".to_owned(),
        cache: CachePolicy::Use,
        until: None,
    }
}
