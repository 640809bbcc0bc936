//! How long text takes to become a plan: `cargo run -p suho-plan --example scale --release`.
//!
//! Draws a chain, a fan, a grid and pipelines of the library's steps at several sizes, and prints
//! the CPU time of each stage in milliseconds, the mean of several tries. Where the system does not
//! tell a thread's CPU time (`/proc/thread-self/schedstat`) the figures are zero.

#![expect(clippy::print_stdout, reason = "the table is the answer")]

use std::fmt::Write as _;
use std::process::ExitCode;
use suho_check::{Severity, World};

/// Tries of which the mean is taken: the system counts CPU time in ticks of some milliseconds.
const TRIES: usize = 20;

/// The prelude as it is, and no other file.
struct Prelude;

impl World for Prelude {
    fn prelude(&self) -> Vec<(String, String)> {
        let files = [
            ("core.suho", include_str!("../../../stdlib/prelude/core.suho")),
            ("ml.suho", include_str!("../../../stdlib/prelude/ml.suho")),
            ("ops.suho", include_str!("../../../stdlib/prelude/ops.suho")),
            ("rollout.suho", include_str!("../../../stdlib/prelude/rollout.suho")),
            ("sim.suho", include_str!("../../../stdlib/prelude/sim.suho")),
        ];
        files.map(|(name, text)| (name.to_owned(), text.to_owned())).to_vec()
    }

    fn read(&self, _from: &str, path: &str) -> Result<(String, String), String> {
        Err(format!("there is no `{path}`"))
    }

    fn features(&self) -> Option<Vec<String>> {
        None
    }
}

fn main() -> ExitCode {
    let cases = [
        ("chain", 1_000, chain(1_000)),
        ("fan", 1_000, fan(1_000)),
        ("grid 50 x 20", 1_000, grid(50, 20)),
        ("nothing", 0, grid(0, 0)),
        ("chain", 2_000, chain(2_000)),
        ("chain", 5_000, chain(5_000)),
        ("chain", 10_000, chain(10_000)),
        ("backwards", 10_000, backwards(10_000)),
        ("fan", 10_000, fan(10_000)),
        ("grid 100 x 100", 10_000, grid(100, 100)),
        ("models", 1_000, models(200)),
        ("models", 10_000, models(2_000)),
    ];
    println!("| shape | steps | KiB | read ms | check ms | plan ms | text to plan ms |");
    println!("|---|---|---|---|---|---|---|");
    for (shape, steps, text) in &cases {
        let Some(Figures { read, check, plan }) = measure(text) else {
            println!("{shape} of {steps} cannot be planned");
            return ExitCode::FAILURE;
        };
        let all = check + plan;
        let kib = text.len() / 1024;
        println!("| {shape} | {steps} | {kib} | {read:.1} | {check:.1} | {plan:.1} | {all:.1} |");
    }
    ExitCode::SUCCESS
}

/// CPU time in milliseconds.
struct Figures {
    /// The parser alone, over the pipeline's text.
    read: f64,
    /// Checking; the pipeline and the prelude are read again.
    check: f64,
    /// From the program to the plan.
    plan: f64,
}

/// `None` when the text has a mistake.
fn measure(text: &str) -> Option<Figures> {
    let files = [("scale.suho".to_owned(), text.to_owned())];
    let checked = suho_check::check(&files, &Prelude);
    if let Some(wrong) = checked.diagnostics.iter().find(|d| d.severity == Severity::Error) {
        println!("{}: {}", wrong.code, wrong.message);
        return None;
    }
    suho_plan::build(&checked.program, "scale", &[]).ok()?;
    Some(Figures {
        read: mean_ms(|| suho_syntax::parse(text)),
        check: mean_ms(|| suho_check::check(&files, &Prelude)),
        plan: mean_ms(|| suho_plan::build(&checked.program, "scale", &[])),
    })
}

/// The mean CPU time of `work`, dropping what it makes included.
fn mean_ms<T>(work: impl Fn() -> T) -> f64 {
    let start = cpu_ms();
    for _ in 0..TRIES {
        drop(work());
    }
    (cpu_ms() - start) / TRIES as f64
}

/// CPU time of this thread so far.
fn cpu_ms() -> f64 {
    let spent = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanos: Option<u64> = spent.split(' ').next().and_then(|text| text.parse().ok());
    nanos.unwrap_or_default() as f64 / 1e6
}

/// What every shape is made of: a step that takes numbers and makes one.
const HEAD: &str = "edition 2026

step link {
  in one: Int = 0
  in two: Int = 0
  out count: Int
  exec = shell(\"true\")
}

";

/// Each step needs the one before.
fn chain(steps: usize) -> String {
    let mut text = format!("{HEAD}pipeline scale() {{\n  link s0 {{ }}\n");
    for step in 1..steps {
        let _infallible = writeln!(text, "  link s{step} {{ one = s{}.count }}", step - 1);
    }
    text + "}\n"
}

/// Each step needs the one after.
fn backwards(steps: usize) -> String {
    let mut text = format!("{HEAD}pipeline scale() {{\n");
    for step in 1..steps {
        let _infallible = writeln!(text, "  link s{:05} {{ one = s{step:05}.count }}", step - 1);
    }
    text + &format!("  link s{:05} {{ }}\n}}\n", steps.saturating_sub(1))
}

/// One step, then all but one that need it, then one that needs them all.
fn fan(steps: usize) -> String {
    let mut text = format!("{HEAD}pipeline scale() {{\n  link s0 {{ }}\n");
    let mut names = Vec::with_capacity(steps);
    for step in 1..steps.saturating_sub(1) {
        let _infallible = writeln!(text, "  link s{step} {{ one = s0.count }}");
        names.push(format!("s{step}"));
    }
    let _infallible = writeln!(
        text,
        "  link last {{\n    after = [\n      {},\n    ]\n  }}",
        names.join(",\n      ")
    );
    text + "}\n"
}

/// `layers` layers of `width` steps; each needs two of the layer before.
fn grid(layers: usize, width: usize) -> String {
    let mut text = format!("{HEAD}pipeline scale() {{\n");
    for layer in 0..layers {
        for step in 0..width {
            let above = layer.checked_sub(1);
            let inputs = above.map_or_else(String::new, |above| {
                let beside = (step + 1) % width;
                format!("\n    one = s{above}_{step}.count\n    two = s{above}_{beside}.count\n ")
            });
            let _infallible = writeln!(text, "  link s{layer}_{step} {{{inputs} }}");
        }
    }
    text + "}\n"
}

/// `models` times five steps of the real library: data, training, two judgements, a gate.
fn models(models: usize) -> String {
    let mut text = "edition 2026

use std.ml

model small {
  target   = { symbol = \"EUR/USD\", timeframe = 1h, horizon = 4h }
  features = [\"close\"]
  layers   = [output(units: 3, activation: softmax)]
}

pipeline scale() {
"
    .to_owned();
    for n in 0..models {
        let _infallible = write!(
            text,
            "  dataset d{n} {{
    source = csv(\"bars.csv\")
    symbol = \"EUR/USD\"
    timeframe = 1h
    features = small.features
  }}
  train t{n} {{
    model = small
    train = d{n}.train
    validation = d{n}.validation
    version = v1.0.0
  }}
  evaluate e{n} {{
    model = t{n}.model
    data = d{n}.test
  }}
  latency_probe p{n} {{ model = t{n}.model }}
  gate g{n} {{
    model = t{n}.model
    require e{n}.accuracy > 60%
  }}
"
        );
    }
    text + "}\n"
}
