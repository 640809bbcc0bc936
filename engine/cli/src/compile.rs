//! From a word on the command line to a checked program and a plan.

use crate::args::Target;
use crate::failure::Failure;
use crate::picture;
use crate::project::Project;
use crate::terminal::{Terminal, err};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use suho_check::program::Matrix;
use suho_check::{Checked, Diagnostic, Severity, nearest};
use suho_domain::{Fault, Instant, Name};
use suho_plan::{Binding, Expr, Plan, PlanError};

/// Cells of a matrix that a sentence names.
const CELLS_SHOWN: usize = 6;

/// A pipeline, planned.
pub(crate) struct Compiled {
    pub(crate) project: Project,
    pub(crate) plan: Plan,
}

/// A pipeline without a mistake, and all that belongs to it.
pub(crate) struct Found {
    pub(crate) project: Project,
    /// Every file that was asked for: name and text.
    pub(crate) files: Vec<(String, String)>,
    pub(crate) checked: Checked,
    /// The pipeline's name, or a matrix'.
    pub(crate) pipeline: String,
    /// Which cells of a matrix: `symbol=EUR/USD`; all where nothing is said.
    cells: Option<String>,
    /// The parameters given: name and text.
    arguments: Vec<(String, String)>,
    /// The environment planned for.
    environment: String,
}

/// A run that is asked for.
pub(crate) struct Called<'a> {
    /// The cell it is of, where a matrix was named.
    pub(crate) cell: Option<String>,
    /// What is run.
    pub(crate) pipeline: &'a str,
    /// The matrix.
    pub(crate) matrix: Option<&'a Matrix>,
    /// What the cell gives the pipeline.
    pub(crate) call: Option<BTreeMap<Name, Expr>>,
}

/// A plan, and the cell it is of where a matrix was named.
pub(crate) struct Planned {
    pub(crate) cell: Option<String>,
    pub(crate) plan: Plan,
}

impl Found {
    /// The parameters given: name and text.
    pub(crate) fn arguments(&self) -> &[(String, String)] {
        &self.arguments
    }

    /// What gives the pipeline's parameters their values in a run that starts at `start`.
    pub(crate) fn binding(&self, start: Instant) -> Binding<'_> {
        let environment = Some(self.environment.as_str());
        Binding { environment, start: Some(start), ..Binding::of(&self.arguments) }
    }

    /// The plan, or one for every cell of a matrix.
    pub(crate) fn plans(&self, binding: &Binding<'_>) -> Result<Vec<Planned>, Failure> {
        let planned = |Called { cell, pipeline, call, .. }| {
            let binding = Binding { call: call.as_ref().or(binding.call), ..*binding };
            let plan = suho_plan::build_in(&self.checked.program, pipeline, &binding);
            Ok(Planned { cell, plan: plan.map_err(|error| refused(&error))? })
        };
        self.calls()?.into_iter().map(planned).collect()
    }

    /// The plan of the one run that is asked for, if it starts at `start`.
    pub(crate) fn compiled(self, start: Instant) -> Result<Compiled, Failure> {
        let called = self.call()?;
        let binding = Binding { call: called.call.as_ref(), ..self.binding(start) };
        let plan = suho_plan::build_in(&self.checked.program, called.pipeline, &binding)
            .map_err(|error| refused(&error))?;
        Ok(Compiled { plan, project: self.project })
    }

    /// The one run that is asked for: where a matrix is named, a cell of it.
    pub(crate) fn call(&self) -> Result<Called<'_>, Failure> {
        let mut calls = self.calls()?.into_iter();
        if let (Some(only), None) = (calls.next(), calls.next()) {
            return Ok(only);
        }
        Err(self.of_several())
    }

    /// One cell is needed, and several are named.
    pub(crate) fn of_several(&self) -> Failure {
        let cells: Vec<String> =
            self.calls().into_iter().flatten().filter_map(|it| it.cell).collect();
        let message = format!("`{}` is a matrix of several runs", self.pipeline);
        let shown: Vec<String> =
            cells.iter().take(CELLS_SHOWN).map(|cell| format!("`{cell}`")).collect();
        let more = if cells.len() > shown.len() { ", …" } else { "" };
        Failure::user("which-cell", message)
            .help(format!("name one of its cells: {}{more}", shown.join(", ")))
            .help("`suho run` takes a whole matrix, and carries out one cell after another")
    }

    /// The runs that are asked for.
    pub(crate) fn calls(&self) -> Result<Vec<Called<'_>>, Failure> {
        let program = &self.checked.program;
        let Some(matrix) = program.matrices.get(self.pipeline.as_str()) else {
            if self.cells.is_some() {
                let message = format!("`{}` is no matrix: it has no cells", self.pipeline);
                return Err(Failure::user("unknown-matrix", message));
            }
            return Ok(vec![Called {
                cell: None,
                pipeline: &self.pipeline,
                matrix: None,
                call: None,
            }]);
        };
        let wanted: Vec<&str> = self.cells.iter().flat_map(|cells| cells.split(',')).collect();
        let is_wanted = |key: &str| wanted.iter().all(|it| key.split(',').any(|part| part == *it));
        let cells = suho_plan::cells(matrix).into_iter().filter(|(key, _)| is_wanted(key));
        let called = |(key, call)| Called {
            cell: Some(format!("{}[{key}]", matrix.name)),
            pipeline: matrix.run.pipeline.as_str(),
            matrix: Some(matrix),
            call: Some(call),
        };
        let calls: Vec<_> = cells.map(called).collect();
        if calls.is_empty() {
            let keys: Vec<String> =
                matrix.cells.iter().map(|cell| format!("`{}`", cell.key)).collect();
            let message = format!("no cell of `{}` has {}", matrix.name, wanted.join(" and "));
            let help = format!("there is {}", keys.join(", "));
            return Err(Failure::user("unknown-cell", message).help(help));
        }
        Ok(calls)
    }
}

/// The environment that is planned for where none is named; it is built in.
pub(crate) const REHEARSAL: &str = "rehearsal";

/// Compiles what `target` names for a run that starts at `start`; draws every diagnostic.
pub(crate) fn compile(
    target: &Target,
    start: Instant,
    terminal: Terminal,
) -> Result<Compiled, Failure> {
    checked(target, terminal)?.compiled(start)
}

/// Checks what `target` names; draws every diagnostic.
pub(crate) fn checked(target: &Target, terminal: Terminal) -> Result<Found, Failure> {
    checked_for(target, REHEARSAL, terminal)
}

/// As [`checked`], for `environment`; one that no file declares is refused.
pub(crate) fn checked_for(
    target: &Target,
    environment: &str,
    terminal: Terminal,
) -> Result<Found, Failure> {
    let (word, cells) = parted(&target.pipeline);
    let (path, name) = locate(word)?;
    let project = Project::of(&path)?;
    let mut files = project.files(std::slice::from_ref(&path))?;
    if files.is_empty() {
        let message = format!("there is no `.suho` file in `{}`", path.display());
        return Err(Failure::user("no-such-file", message));
    }
    let marker = project.root().join("project.suho");
    if marker.exists() {
        files.extend(project.files(&[marker])?);
        files.sort();
        files.dedup();
    }
    let checked = suho_check::check(&files, &project);
    say(&checked, terminal)?;
    let pipeline = match name {
        Some(name) => name,
        None => only_pipeline(&checked, &path)?,
    };
    let arguments = arguments(&target.param)?;
    let declared = &checked.program.environments;
    if environment != REHEARSAL && !declared.contains_key(environment) {
        let known = declared.keys().map(suho_domain::Name::as_str).chain([REHEARSAL]);
        let near = nearest(environment, known.clone());
        let help = if let Some(near) = near {
            format!("did you mean `{near}`?")
        } else {
            let known: Vec<String> = known.map(|name| format!("`{name}`")).collect();
            format!("there is {}", known.join(", "))
        };
        let message = format!("there is no environment `{environment}`");
        return Err(Failure::user("unknown-environment", message).help(help));
    }
    let (environment, cells) = (environment.to_owned(), cells.map(str::to_owned));
    Ok(Found { project, files, checked, pipeline, cells, arguments, environment })
}

/// A plan that cannot be made, with the name that was perhaps meant.
fn refused(error: &PlanError) -> Failure {
    let (code, meant) = match error {
        PlanError::UnknownPipeline { wanted, known } => ("unknown-pipeline", Some((wanted, known))),
        PlanError::UnknownParameter { name, known, .. } => {
            ("unknown-parameter", Some((name, known)))
        }
        PlanError::MissingParameter { .. } => ("missing-parameter", None),
        PlanError::BadParameter { .. } => ("bad-parameter", None),
        PlanError::BrokenCheck { .. } => ("broken-check", None),
        _ => ("plan", None),
    };
    let failure = Failure::from_error(error.fault(), code, error);
    match meant.and_then(|(name, known)| nearest(name, known.iter().map(String::as_str))) {
        Some(near) => failure.help(format!("did you mean `{near}`?")),
        None => failure,
    }
}

/// A pipeline, file or folder, and the cells of a matrix: `majors[symbol=EUR/USD]`.
fn parted(target: &str) -> (&str, Option<&str>) {
    let cells = target.strip_suffix(']').and_then(|rest| rest.rsplit_once('['));
    match cells.filter(|_| !Path::new(target).exists()) {
        Some((word, cells)) => (word, Some(cells)),
        None => (target, None),
    }
}

/// A path and, where one is named, a pipeline: `fx_lstm`, `dir`, `file.suho`, `file.suho:NAME`.
fn locate(pipeline: &str) -> Result<(PathBuf, Option<String>), Failure> {
    if Path::new(pipeline).exists() {
        return Ok((PathBuf::from(pipeline), None));
    }
    if let Some((file, name)) = pipeline.rsplit_once(':')
        && Path::new(file).exists()
    {
        return Ok((PathBuf::from(file), Some(name.to_owned())));
    }
    if suho_domain::Name::new(pipeline).is_ok() {
        return Ok((PathBuf::from("."), Some(pipeline.to_owned())));
    }
    let message = format!("cannot find `{pipeline}`: no such file or folder");
    Err(Failure::user("no-such-file", message)
        .help("name a pipeline, a `.suho` file, a folder that holds one, or FILE:NAME"))
}

fn only_pipeline(checked: &Checked, path: &Path) -> Result<String, Failure> {
    let mut names = checked.program.pipelines.keys();
    match (names.next(), names.next()) {
        (Some(only), None) => Ok(only.to_string()),
        (None, _) => {
            let message = format!("`{}` holds no pipeline", path.display());
            let help = "declare one in it (`pipeline NAME { … }`), or name another file or folder";
            Err(Failure::user("no-pipeline", message).help(help))
        }
        (Some(_), Some(_)) => {
            let all: Vec<_> =
                checked.program.pipelines.keys().map(|name| format!("`{name}`")).collect();
            let message =
                format!("`{}` holds several pipelines: {}", path.display(), all.join(", "));
            Err(Failure::user("which-pipeline", message).help("name one: FILE:NAME"))
        }
    }
}

pub(crate) fn arguments(params: &[String]) -> Result<Vec<(String, String)>, Failure> {
    let each = |param: &String| match param.split_once('=') {
        Some((name, value)) => Ok((name.trim().to_owned(), value.trim().to_owned())),
        None => Err(Failure::user("bad-parameter", format!("`-p {param}` has no `=`"))
            .help("write `-p NAME=VALUE`")),
    };
    params.iter().map(each).collect()
}

/// Draws the diagnostics; an error ends the command.
pub(crate) fn say(checked: &Checked, terminal: Terminal) -> Result<(), Failure> {
    let errors = checked.diagnostics.iter().filter(|d| d.severity == Severity::Error).count();
    if errors > 0 || !terminal.is_quiet {
        err(&picture::draw(&checked.diagnostics, &checked.sources, terminal.colour));
    }
    if errors == 0 {
        return Ok(());
    }
    // What is only counted counts too.
    let counted: Vec<usize> = checked.diagnostics.iter().filter_map(Diagnostic::counted).collect();
    let shown = errors - counted.len();
    let many = match (shown, counted.iter().sum::<usize>()) {
        (1, 0) => "1 mistake".to_owned(),
        (shown, 0) => format!("{shown} mistakes"),
        (shown, more) => format!("{} mistakes, {shown} of them shown", shown + more),
    };
    let codes = checked.diagnostics.iter().filter(|d| d.severity == Severity::Error);
    let code = codes.map(|d| d.code).next().unwrap_or_default();
    err(&format!("{many}; `suho explain {code}` tells more\n"));
    Err(Failure::said(Fault::User))
}
