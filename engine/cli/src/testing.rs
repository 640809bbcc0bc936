//! `suho test`: pipelines' own tests, on a virtual clock.

mod json;
mod page;

use crate::args::Test;
use crate::compile;
use crate::failure::Failure;
use crate::project::Project;
use crate::terminal::{Terminal, out};
use crate::texts::NO;
use crate::world::wall;
use std::path::{Path, PathBuf};
use suho_check::Checked;
use suho_check::program::Scenario;
use suho_domain::{Duration, Fault};
use suho_simulate::{Coverage, Report, SimulateError};

/// What one test came to.
pub(crate) struct Answer<'a> {
    scenario: &'a Scenario,
    result: Result<Report, SimulateError>,
}

/// What all of them came to.
pub(crate) struct Answers<'a> {
    checked: &'a Checked,
    all: Vec<Answer<'a>>,
    /// What the rules said, where that was asked for.
    coverage: Option<Coverage>,
    /// By the wall's clock.
    took: Duration,
}

impl Answers<'_> {
    fn passed(&self) -> usize {
        let passed = |answer: &&Answer<'_>| {
            answer.result.as_ref().is_ok_and(|report| report.failure.is_none())
        };
        self.all.iter().filter(passed).count()
    }

    fn errors(&self) -> impl Iterator<Item = &SimulateError> {
        self.all.iter().filter_map(|answer| answer.result.as_ref().err())
    }

    /// A test that cannot be run is a mistake in its file; one that failed is an answer.
    fn exit(&self) -> u8 {
        let worst = self.errors().map(|error| error.fault().exit_code()).max();
        let answer = if self.passed() == self.all.len() { 0 } else { NO };
        worst.unwrap_or(answer)
    }
}

/// Runs the tests in the files that are named.
pub(crate) fn test(args: &Test, terminal: Terminal) -> Result<u8, Failure> {
    let here = [PathBuf::from(".")];
    let paths = if args.paths.is_empty() { here.as_slice() } else { args.paths.as_slice() };
    let project = Project::of(paths.first().map_or_else(|| Path::new("."), PathBuf::as_path))?;
    let asked = project.files(paths)?;
    let mut files = asked.clone();
    let marker = project.root().join("project.suho");
    if marker.exists() {
        files.extend(project.files(&[marker])?);
        files.sort();
        files.dedup();
    }
    let checked = suho_check::check(&files, &project);
    // Warnings are `suho check`'s to tell.
    compile::say(&checked, Terminal { is_quiet: true, ..terminal })?;
    let is_asked = |scenario: &&Scenario| {
        asked.iter().any(|(name, _)| *name == scenario.place.file)
            && args.filter.as_ref().is_none_or(|part| scenario.name.contains(part.as_str()))
    };
    let scenarios: Vec<&Scenario> = checked.program.tests.iter().filter(is_asked).collect();
    if scenarios.is_empty() {
        return Err(none_found(args));
    }
    let (began, mut coverage) = (wall(), Coverage::default());
    let all = scenarios.into_iter().map(|scenario| {
        let result =
            suho_simulate::run(scenario, &checked.program, &checked.library, &mut coverage);
        Answer { scenario, result }
    });
    let all = all.collect();
    let took = wall().since(began);
    let coverage = args.coverage.then_some(coverage);
    let answers = Answers { checked: &checked, all, coverage, took };
    if let Some(notation) = args.output.notation() {
        out(&notation.page(&json::of(&answers)));
    } else {
        out(&page::of(&answers, terminal));
    }
    Ok(answers.exit())
}

/// A script that asks for tests has to learn that there are none.
fn none_found(args: &Test) -> Failure {
    match &args.filter {
        Some(part) => {
            let message = format!("no test has `{part}` in its name");
            Failure::new(Fault::User, "no-tests", message).help("`suho test` lists them all")
        }
        None => Failure::new(Fault::User, "no-tests", "there is no test in these files")
            .help("write one: `test \"NAME\" { run = PIPELINE(…)  given …  expect … }`"),
    }
}
