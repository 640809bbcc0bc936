//! The command line: a contract. Words and flags here are promises to scripts.

mod bars;
mod daemon;
mod data;
mod features;
mod history;
mod models;
mod people;
mod simulate;
mod steering;
mod testing;

pub(crate) use bars::{BarsFile, Reading};
pub(crate) use daemon::{Backfill, Daemon, Next, Run};
pub(crate) use data::{Data, DataDescribe, DataExport, DataImport, DataInit};
pub(crate) use features::{BesideFile, Features, FeaturesCompute, FeaturesLs, FeaturesShow};
pub(crate) use history::{Audit, Doctor, Export};
pub(crate) use models::{
    Model, ModelArchive, ModelDiff, ModelExport, ModelHistory, ModelImport, ModelLs, ModelShow,
};
pub(crate) use people::{Answer, Freeze, Hold, Line};
pub(crate) use simulate::{Simulate, SimulateCanary, SimulateDrift};
pub(crate) use steering::{Retrain, Rollback, Rollout, RolloutStatus, SetWeight, Steer};
pub(crate) use testing::Test;

use crate::answer::Notation;
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// Takes trading models from data to production, and keeps them honest.
#[derive(Debug, Parser)]
#[command(name = "suho", version, max_term_width = 100, disable_help_subcommand = true)]
pub(crate) struct Cli {
    /// Says only what was asked for and what went wrong.
    #[arg(long, short, global = true)]
    pub(crate) quiet: bool,
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Writes a project to begin with, whose pipeline works as it stands.
    Init(Init),
    /// Finds every mistake in the files at once.
    Check(Check),
    /// Writes files in the one canonical form.
    Fmt(Fmt),
    /// Explains a diagnostic's code.
    Explain(Explain),
    /// Writes the library and the project's pipelines as pages.
    Doc(Doc),
    /// Prints a JSON Schema of what a kind takes.
    Schema(Schema),
    /// Shows exactly what a run would do, and touches nothing.
    Plan(Plan),
    /// Carries out exactly a saved plan, unless the world has moved since.
    Apply(Apply),
    /// Draws what a pipeline's steps wait for.
    Graph(Graph),
    /// Compares revisions by what they do: what is looser, riskier, slower, gone.
    Diff(Diff),
    /// Runs pipelines' tests on a virtual clock: what is given is made up, what decides is real.
    Test(Test),
    /// Runs the whole pipeline now; its rollout is replayed on the bars after the test window.
    Rehearse(Rehearse),
    /// Carries a pipeline out: by the daemon where one works on the project, else here.
    Run(Run),
    /// Follows the project: fires its schedules, carries runs out, answers over HTTP.
    Daemon(Daemon),
    /// Shows when schedules fire next.
    Next(Next),
    /// Begins runs for instants of a schedule that are over and had none; deploys nothing.
    Backfill(Backfill),
    /// Lists runs.
    Ps(Ps),
    /// Shows how a run stands.
    Status(OfRun),
    /// Prints what the steps of a run wrote.
    Logs(Logs),
    /// Says why a step ran, was cached, passed or failed.
    Why(Why),
    /// Ends a run.
    Cancel(Cancel),
    /// Begins nothing more of a run or a schedule.
    Pause(Hold),
    /// Goes on with a run or a schedule.
    Resume(Hold),
    /// Says yes to what a run asks; lists what is asked.
    Approve(Answer),
    /// Says no to what a run asks; lists what is asked.
    Reject(Answer),
    /// Stops the line: no traffic up, no promotion; or lets it go on.
    Freeze(Freeze),
    /// Takes a candidate back, or lets the version before serve again.
    Rollback(Rollback),
    /// Looks at rollouts that are not over, and steers them.
    #[command(subcommand)]
    Rollout(Rollout),
    /// Trains a model anew: the pipeline that made it runs again.
    Retrain(Retrain),
    /// Takes an unfinished run up again; finished steps are not run again.
    Retry(Retry),
    /// Lists and shows models.
    #[command(subcommand)]
    Model(Model),
    /// Writes everything that happened, in order.
    Export(Export),
    /// Holds the state against its history.
    Doctor(Doctor),
    /// Looks at the log of who did what.
    #[command(subcommand)]
    Audit(Audit),
    /// Lists, explains and computes features.
    #[command(subcommand)]
    Features(Features),
    /// Looks at files of bars, and turns one form into another.
    #[command(subcommand)]
    Data(Data),
    /// Plays a pipeline's own tests where the truth is known: how often they err.
    #[command(subcommand)]
    Simulate(Simulate),
    /// Answers an editor on standard input and output: the language server.
    Lsp(Lsp),
    /// Prints what makes a shell complete these commands.
    Completions(Completions),
    /// Carries out one attempt; the engine calls this.
    #[command(hide = true)]
    Exec(Exec),
}

/// How answers are written.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, ValueEnum)]
pub(crate) enum Format {
    /// For people.
    #[default]
    Table,
    /// For programs; versioned.
    Json,
    /// The same as YAML.
    Yaml,
}

/// How answers are written.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct Output {
    /// How to write the answer.
    #[arg(short, long, value_enum, default_value_t)]
    output: Format,
    /// Short for `-o json`.
    #[arg(long, conflicts_with = "output")]
    json: bool,
}

impl Output {
    /// What an answer for a program is written in; none for people.
    pub(crate) const fn notation(self) -> Option<Notation> {
        match self.output {
            Format::Yaml => Some(Notation::Yaml),
            Format::Json => Some(Notation::Json),
            Format::Table if self.json => Some(Notation::Json),
            Format::Table => None,
        }
    }
}

#[derive(Args, Debug)]
pub(crate) struct Init {
    /// Where; made when it is not there. The current folder when not given.
    pub(crate) dir: Option<PathBuf>,
}

#[derive(Args, Debug)]
pub(crate) struct Check {
    /// Files and folders; the project's when none is given.
    pub(crate) paths: Vec<PathBuf>,
    /// Mends what has one way out, and checks the rest.
    #[arg(long)]
    pub(crate) fix: bool,
    /// Answers in SARIF 2.1.0, for code hosts.
    #[arg(long, conflicts_with_all = ["output", "json"])]
    pub(crate) sarif: bool,
    #[command(flatten)]
    pub(crate) output: Output,
}

#[derive(Args, Debug)]
pub(crate) struct Fmt {
    /// Files and folders; the project's when none is given; `-` for standard input.
    pub(crate) paths: Vec<PathBuf>,
    /// Changes nothing; exit 1 when something is not in canonical form.
    #[arg(long)]
    pub(crate) check: bool,
    /// Shows what would change.
    #[arg(long)]
    pub(crate) diff: bool,
}

#[derive(Args, Debug)]
pub(crate) struct Explain {
    /// A code like `ambiguous-ratio`; lists all when none is given.
    pub(crate) code: Option<String>,
    #[command(flatten)]
    pub(crate) output: Output,
}

/// How pages are written.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, ValueEnum)]
pub(crate) enum Pages {
    /// Whole pages for a browser.
    #[default]
    Html,
    /// Markdown, as forges show it.
    Md,
}

#[derive(Args, Debug)]
pub(crate) struct Doc {
    /// A file or folder; the project's when not given.
    pub(crate) path: Option<PathBuf>,
    /// How to write the pages.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: Pages,
    /// Where to write them; `.suho/doc` of the project when not given.
    #[arg(short, long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
}

#[derive(Args, Debug)]
pub(crate) struct Schema {
    /// A kind like `train`; all of them when none is given.
    pub(crate) kind: Option<String>,
    #[command(flatten)]
    pub(crate) place: Place,
}

#[derive(Args, Debug)]
pub(crate) struct Lsp {
    /// Accepted because editors pass it; there is no other way.
    #[arg(long)]
    pub(crate) stdio: bool,
}

#[derive(Args, Debug)]
pub(crate) struct Completions {
    /// The shell.
    #[arg(value_enum)]
    pub(crate) shell: clap_complete::Shell,
}

/// Which pipeline, with which parameters.
#[derive(Args, Clone, Debug)]
pub(crate) struct Target {
    /// A pipeline's name, a file or folder with one pipeline, or FILE:NAME.
    pub(crate) pipeline: String,
    /// Sets a parameter.
    #[arg(short, long = "param", value_name = "NAME=VALUE")]
    pub(crate) param: Vec<String>,
}

#[derive(Args, Debug)]
pub(crate) struct Plan {
    #[command(flatten)]
    pub(crate) target: Target,
    /// The environment to plan for.
    #[arg(long, value_name = "ENV", default_value = "rehearsal")]
    pub(crate) env: String,
    /// The instant to plan at; now, cut to the minute, when not given.
    #[arg(long, value_name = "INSTANT")]
    pub(crate) at: Option<String>,
    /// Exit 4 when something would run.
    #[arg(long)]
    pub(crate) detailed_exitcode: bool,
    /// Says where a value comes from instead: a parameter, or STEP.ATTRIBUTE.
    #[arg(long, value_name = "PARAM", conflicts_with = "out")]
    pub(crate) explain: Option<String>,
    /// Saves the plan as well, for `suho apply`.
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) output: Output,
}

#[derive(Args, Debug)]
pub(crate) struct Apply {
    /// What `suho plan PIPELINE --out FILE` saved.
    pub(crate) file: PathBuf,
    #[command(flatten)]
    pub(crate) place: Place,
    #[command(flatten)]
    pub(crate) output: Output,
}

/// What a graph is drawn as.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, ValueEnum)]
pub(crate) enum Picture {
    /// Columns for people.
    #[default]
    Text,
    /// For Graphviz.
    Dot,
    /// For Mermaid.
    Mermaid,
    /// The plan itself, for programs.
    Json,
}

#[derive(Args, Debug)]
pub(crate) struct Graph {
    #[command(flatten)]
    pub(crate) target: Target,
    /// What to draw it as.
    #[arg(long, value_enum, default_value_t)]
    format: Picture,
    /// Short for `--format dot`.
    #[arg(long, conflicts_with_all = ["format", "mermaid", "json"])]
    dot: bool,
    /// Short for `--format mermaid`.
    #[arg(long, conflicts_with_all = ["format", "json"])]
    mermaid: bool,
    /// Short for `--format json`.
    #[arg(long, conflicts_with = "format")]
    json: bool,
}

impl Graph {
    pub(crate) const fn picture(&self) -> Picture {
        match (self.dot, self.mermaid, self.json) {
            (true, _, _) => Picture::Dot,
            (_, true, _) => Picture::Mermaid,
            (_, _, true) => Picture::Json,
            _ => self.format,
        }
    }
}

#[derive(Args, Debug)]
pub(crate) struct Diff {
    /// A..B, or A against the files as they are; A...B from where the two parted.
    #[arg(value_name = "REVISIONS", default_value = "HEAD", allow_hyphen_values = false)]
    pub(crate) revisions: String,
    /// The environment whose parameters count.
    #[arg(long, value_name = "ENV", default_value = "rehearsal")]
    pub(crate) env: String,
    /// Exit 4 when something differs.
    #[arg(long)]
    pub(crate) detailed_exitcode: bool,
    #[command(flatten)]
    pub(crate) place: Place,
    #[command(flatten)]
    pub(crate) output: Output,
}

#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
#[derive(Args, Debug)]
pub(crate) struct Rehearse {
    #[command(flatten)]
    pub(crate) target: Target,
    /// Forgets every earlier rehearsal first.
    #[arg(long)]
    pub(crate) fresh: bool,
    /// Begins another run though one of the same plan is unfinished.
    #[arg(long)]
    pub(crate) new: bool,
    /// Makes the model anew though nothing changed.
    #[arg(long)]
    pub(crate) force: bool,
    /// Does every step anew.
    #[arg(long)]
    pub(crate) no_cache: bool,
    #[command(flatten)]
    pub(crate) output: Output,
}

/// Where the state is.
#[derive(Args, Debug)]
pub(crate) struct Place {
    /// A file or folder of the project; the current folder when not given.
    #[arg(long, value_name = "PATH")]
    pub(crate) project: Option<PathBuf>,
}

/// Which state is looked at.
#[derive(Args, Debug)]
pub(crate) struct Seat {
    /// A file or folder of the project; the current folder when not given.
    #[arg(long, value_name = "PATH")]
    pub(crate) project: Option<PathBuf>,
    /// Where a daemon keeps its state; `.suho` of the project when not given.
    #[arg(long, value_name = "DIR")]
    pub(crate) data_dir: Option<PathBuf>,
}

#[derive(Args, Debug)]
pub(crate) struct Ps {
    #[command(flatten)]
    pub(crate) place: Seat,
    /// At most so many.
    #[arg(short, long, default_value_t = 20)]
    pub(crate) limit: u32,
    #[command(flatten)]
    pub(crate) output: Output,
}

#[derive(Args, Debug)]
pub(crate) struct OfRun {
    /// A run's id, a prefix of it, or `@latest`.
    #[arg(default_value = "@latest")]
    pub(crate) run: String,
    #[command(flatten)]
    pub(crate) place: Seat,
    #[command(flatten)]
    pub(crate) output: Output,
}

#[derive(Args, Debug)]
pub(crate) struct Retry {
    /// A run's id, a prefix of it, or `@latest`.
    #[arg(default_value = "@latest")]
    pub(crate) run: String,
    /// Does this step again with all that follows it, whatever came of them.
    #[arg(long, value_name = "STEP", conflicts_with = "failed")]
    pub(crate) from: Option<String>,
    /// Does only again what did not succeed; so it is when nothing is said.
    #[arg(long)]
    pub(crate) failed: bool,
    #[command(flatten)]
    pub(crate) place: Place,
    #[command(flatten)]
    pub(crate) output: Output,
}

#[derive(Args, Debug)]
pub(crate) struct Logs {
    /// A run, or RUN/STEP.
    #[arg(default_value = "@latest")]
    pub(crate) of: String,
    /// Goes on while the run does.
    #[arg(short, long)]
    pub(crate) follow: bool,
    #[command(flatten)]
    pub(crate) place: Seat,
}

#[derive(Args, Debug)]
pub(crate) struct Why {
    /// RUN/STEP, or a run for all of its steps.
    #[arg(default_value = "@latest")]
    pub(crate) of: String,
    #[command(flatten)]
    pub(crate) place: Seat,
    #[command(flatten)]
    pub(crate) output: Output,
}

#[derive(Args, Debug)]
pub(crate) struct Cancel {
    /// A run's id, a prefix of it, or `@latest`.
    pub(crate) run: String,
    /// Why.
    #[arg(short, long, default_value = "cancelled by hand")]
    pub(crate) message: String,
    #[command(flatten)]
    pub(crate) place: Seat,
}

#[derive(Args, Debug)]
pub(crate) struct Exec {
    /// The attempt's folder.
    pub(crate) folder: PathBuf,
    /// Becomes the attempt's script, in its sandbox.
    #[arg(long, hide = true)]
    pub(crate) confined: bool,
}
