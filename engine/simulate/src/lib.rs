//! The tests of pipelines: the real engine in a world that a test describes, on a virtual clock.
//!
//! A [`Scenario`] of the checker is played by the driver's own loop, scheduler, rules and rollout
//! controllers. Only what has effects is made up: what steps come to, what is measured while a
//! rollout goes on, and what goes wrong. Nothing here reads a file, a clock or chance; the same
//! test gives the same report on every machine.
//!
//! What a test does not say is *healthy*: see the table in `healthy.rs`.

mod cells;
mod coverage;
mod error;
mod expect;
mod fault;
mod given;
mod healthy;
mod journal;
mod ledger;
mod machine;
mod meter;
mod moment;
mod outputs;
mod pairs;
mod registry;
mod report;
mod scene;
mod search;
mod time;
mod timeline;
mod world;

pub use coverage::{Coverage, Seen};
pub use error::SimulateError;
pub use report::{Chosen, Failure, Report};
pub use search::Covered;
pub use timeline::Line;

use scene::Scene;
use search::Counterexample;
use suho_check::Library;
use suho_check::program::{Program, Scenario};
use suho_domain::Duration;

/// Runs `scenario`, a test of `program`; notes in `coverage` what its rules said.
///
/// # Errors
/// When it cannot be run. A test that ran and failed is a [`Report`] with a [`Failure`].
pub fn run(
    scenario: &Scenario,
    program: &Program,
    library: &Library,
    coverage: &mut Coverage,
) -> Result<Report, SimulateError> {
    let scene = Scene::new(scenario, program, library)?;
    coverage.begin(&scene.plan);
    let choices = cells::choices(&scene)?;
    let (mut covered, mut played) = (Duration::ZERO, Duration::ZERO);
    let mut unused = None::<Vec<String>>;
    let outcome = search::search(&scene, &choices, &mut |play| {
        let took = play.end.since(play.start);
        (covered, played) = (covered.max(took), played.plus(took));
        coverage.take(&scene, play);
        // A fault that happens in one of the plays is not in vain.
        match &mut unused {
            Some(unused) => unused.retain(|fault| play.unused.contains(fault)),
            None => unused = Some(play.unused.clone()),
        }
    })?;
    let unused = unused.unwrap_or_default().into_iter();
    Ok(Report {
        name: scenario.name.clone(),
        place: scenario.place.clone(),
        pipeline: scenario.run.pipeline.clone(),
        covered,
        played,
        cells: outcome.cells,
        failure: outcome.found.and_then(|found| failure(&scene, found)),
        warnings: unused.map(|fault| format!("`{fault}` never happened")).collect(),
    })
}

fn failure(scene: &Scene<'_>, found: Counterexample) -> Option<Failure> {
    let Counterexample { unmet, play, given } = found;
    let expected = scene.scenario.expectations.get(unmet.index)?;
    let chosen = |(name, cell): (String, Option<cells::Cell>)| {
        let value = cell.map(|cell| match (cell.is_missing(), cell.place.is_empty()) {
            (true, _) => cell.place,
            (false, true) => cell.value.to_string(),
            (false, false) => format!("{} ({})", cell.value, cell.place),
        });
        Chosen { name, value }
    };
    Some(Failure {
        expected: expected.text.clone(),
        place: expected.place.clone(),
        seen: unmet.seen,
        given: given.into_iter().map(chosen).collect(),
        timeline: timeline::timeline(&scene.plan, &play, unmet.at),
        after: unmet.at.since(play.start),
    })
}
