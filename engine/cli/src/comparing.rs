//! `suho diff`: what changes between two revisions, or between a revision and the files as they
//! are.

use crate::args::Diff;
use crate::compile;
use crate::failure::Failure;
use crate::git::{Commit, Repository};
use crate::project::Project;
use crate::terminal::{Terminal, err, out};
use std::collections::BTreeMap;
use std::path::Path;
use suho_check::{Checked, World};
use suho_domain::{Bump, Name, Version};
use suho_driver::Candidate;
use suho_driver::version::{self, Predecessor};
use suho_plan::diff::{self, Moved, Side};

/// Exit code of "changes pending".
const PENDING: u8 = 4;
/// What the files as they are are called.
const WORKING_TREE: &str = "working tree";

/// Prints the comparison.
pub(crate) fn diff(args: &Diff, terminal: Terminal) -> Result<u8, Failure> {
    let place = args.place.project.as_deref().unwrap_or_else(|| Path::new("."));
    let project = Project::of(place)?;
    let repository = Repository::of(project.root())?;
    let (from, to) = sides(&args.revisions, &repository)?;
    let before = Snapshot::of(&project, &repository, Some(&from))?;
    let after = Snapshot::of(&project, &repository, to.as_ref())?;
    let (old, new) = (before.checked(terminal)?, after.checked(terminal)?);
    let environment = Some(args.env.as_str());
    let (old, new) = (plans(&old, environment)?, plans(&new, environment)?);
    let found = diff::diff(&old, &new, &moved(&old, &new));
    if let Some(notation) = args.output.notation() {
        out(&notation.page(&diff::to_json(&found, &before.name, &after.name)));
    } else {
        out(&diff::to_text(&found, &before.name, &after.name));
    }
    Ok(if args.detailed_exitcode && !found.is_noop() { PENDING } else { 0 })
}

fn plans<'a>(checked: &'a Checked, environment: Option<&str>) -> Result<Side<'a>, Failure> {
    Side::of(&checked.program, &checked.library, environment)
        .map_err(|error| Failure::from_error(error.fault(), "plan", &error))
}

/// `A..B`, `A...B` (from where they parted), or `A` against the files as they are. An empty side
/// is `HEAD`, as git has it.
fn sides(text: &str, repository: &Repository) -> Result<(Commit, Option<Commit>), Failure> {
    let named = |name: &str| repository.commit(if name.is_empty() { "HEAD" } else { name });
    if let Some((from, to)) = text.split_once("...") {
        let (from, to) = (named(from)?, named(to)?);
        return Ok((repository.base(&from, &to)?, Some(to)));
    }
    match text.split_once("..") {
        Some((from, to)) => Ok((named(from)?, Some(named(to)?))),
        None => Ok((named(text)?, None)),
    }
}

/// The project's files at one moment.
struct Snapshot<'p> {
    name: String,
    files: BTreeMap<String, String>,
    project: &'p Project,
}

impl<'p> Snapshot<'p> {
    fn of(
        project: &'p Project,
        repository: &Repository,
        commit: Option<&Commit>,
    ) -> Result<Self, Failure> {
        let (name, files): (_, Vec<(String, String)>) = match commit {
            None => {
                let root = project.root().to_path_buf();
                (WORKING_TREE.to_owned(), project.files(&[root])?)
            }
            Some(commit) => (commit.name.clone(), in_commit(repository, commit)?),
        };
        Ok(Self { name, files: own(files), project })
    }

    /// Checks every file; a mistake is drawn with the revision before the file's name.
    fn checked(&self, terminal: Terminal) -> Result<Checked, Failure> {
        let entry: Vec<_> = self.files.clone().into_iter().collect();
        let mut checked = suho_check::check(&entry, self);
        for (name, _) in &mut checked.sources {
            *name = format!("{}:{name}", self.name);
        }
        // Warnings are `suho check`'s to tell.
        let quiet = Terminal { is_quiet: true, ..terminal };
        compile::say(&checked, quiet).inspect_err(|_| {
            err(&format!("`{}` cannot be compared until this is mended\n", self.name));
        })?;
        Ok(checked)
    }
}

/// The `.suho` files of a commit: name and text.
pub(crate) fn in_commit(
    repository: &Repository,
    commit: &Commit,
) -> Result<Vec<(String, String)>, Failure> {
    let is_wanted = |path: &str| {
        let kind = Path::new(path).extension();
        kind.is_some_and(|kind| kind == "suho")
            && !path.split('/').any(|part| part.starts_with('.'))
    };
    let text = |(path, bytes): (String, Vec<u8>)| {
        let message = format!("`{path}` of `{}` is not UTF-8", commit.name);
        let text = String::from_utf8(bytes);
        text.map(|text| (path, text)).map_err(|_| Failure::user("not-utf8", message))
    };
    repository.files(commit, &is_wanted)?.into_iter().map(text).collect()
}

/// `files` without those of projects inside the project.
pub(crate) fn own(files: Vec<(String, String)>) -> BTreeMap<String, String> {
    let inner: Vec<String> = files
        .iter()
        .filter_map(|(name, _)| name.strip_suffix("/project.suho"))
        .map(|folder| format!("{folder}/"))
        .collect();
    let is_own = |name: &str| !inner.iter().any(|folder| name.starts_with(folder.as_str()));
    files.into_iter().filter(|(name, _)| is_own(name)).collect()
}

impl World for Snapshot<'_> {
    fn prelude(&self) -> Vec<(String, String)> {
        self.project.prelude()
    }

    fn read(&self, from: &str, path: &str) -> Result<(String, String), String> {
        let name = crate::project::inside(from, path)?;
        let text = self.files.get(&name);
        let text = text.ok_or_else(|| format!("there is no `{name}` in `{}`", self.name))?;
        Ok((name, text.clone()))
    }

    fn features(&self) -> Option<Vec<String>> {
        self.project.features()
    }

    fn judge_feature(&self) -> Option<suho_check::JudgeFeature> {
        self.project.judge_feature()
    }
}

/// How far the model of each pipeline moves, where it is known when planning.
fn moved(before: &Side<'_>, after: &Side<'_>) -> BTreeMap<Name, Moved> {
    let candidate = |side: &Side<'_>, name: &Name| {
        Candidate::of(side.plans().get(name)?, suho_steps::FEATURE_VERSION).ok().flatten()
    };
    let of = |name: &Name| {
        let (old, new) = (candidate(before, name)?, candidate(after, name)?);
        let predecessor = Predecessor {
            version: Version::FIRST,
            config: &old.config,
            seed: old.seed,
            same_data: None,
            same_code: true,
        };
        let (_, bump, changes) = version::next(Some(predecessor), &new.config, new.seed, &[]);
        let reasons = changes.into_iter().map(|change| (change.code, change.text)).collect();
        (bump != Bump::None).then_some((name.clone(), Moved { bump, reasons }))
    };
    after.plans().keys().filter_map(of).collect()
}

#[cfg(test)]
mod tests;
