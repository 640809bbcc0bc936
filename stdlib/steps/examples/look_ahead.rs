//! Whether anything looks ahead: `cargo run --release -p suho-steps --example look_ahead [TRIALS]`.
//!
//! Each trial draws bars and another future for them, and compares all that is made of either. Ends with
//! 1 when anything before that future differs.
#![expect(clippy::print_stdout, reason = "a measurement prints")]

#[path = "../tests/look_ahead/trial.rs"]
mod trial;

use std::process::ExitCode;

fn main() -> Result<ExitCode, trial::Failed> {
    let trials = match std::env::args().nth(1) {
        Some(text) => text.parse()?,
        None => 10_000,
    };
    let features = trial::catalogue()?;
    let mut changes = 0;
    for seed in 0..trials {
        let changed = trial::changed(seed, &features)?;
        if !changed.is_empty() {
            println!("seed {seed}: {}", changed.join(", "));
            changes += 1;
        }
    }
    println!(
        "{trials} trials of {} features, labels, splits and trades: {changes} changed",
        features.len()
    );
    Ok(if changes == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
