//! The binary `suho`: reads the command line, calls what it names, answers with an exit code.

mod answer;
mod args;
mod backfill;
mod cells;
mod comparing;
mod compile;
mod completions;
mod connections;
mod daemon;
mod data;
mod doc;
mod exec;
mod explaining;
mod failure;
mod features;
mod figures;
mod forecasting;
mod fresh;
mod git;
mod graphing;
mod history;
mod importing;
mod init;
mod inspect;
mod keeping;

mod logging;
mod lsp;
mod networks;
mod page;
mod people;
mod picture;
mod project;
mod refusal;
mod registry;
mod rehearse;
mod remote;
mod replay;
mod running;
mod saved;
mod schema;
mod simulate;
mod steering;
mod table;
mod terminal;
mod testing;
mod texts;
mod traces;

mod upcoming;
mod watching;
mod workplace;
mod world;
mod yaml;

use args::{Cli, Command};
use clap::Parser as _;
use failure::Failure;
use std::process::ExitCode;
use suho_domain::Fault;
use terminal::Terminal;

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(asked) => return usage(&asked),
    };
    let terminal = Terminal::new(cli.quiet);
    match carry_out(cli.command, terminal) {
        Ok(code) => ExitCode::from(code),
        Err(failure) => {
            terminal::err(&failure.text());
            ExitCode::from(failure.exit())
        }
    }
}

/// Help and version are answers; anything else is a mistake in the command.
fn usage(asked: &clap::Error) -> ExitCode {
    let text = asked.render().to_string();
    if asked.use_stderr() {
        terminal::err(&text);
        ExitCode::from(Fault::User.exit_code())
    } else {
        terminal::out(&text);
        ExitCode::SUCCESS
    }
}

fn carry_out(command: Command, terminal: Terminal) -> Result<u8, Failure> {
    match command {
        Command::Init(args) => init::init(&args),
        Command::Check(args) => texts::check(&args, terminal),
        Command::Fmt(args) => texts::fmt(&args, terminal),
        Command::Explain(args) => texts::explain(&args),
        Command::Doc(args) => doc::doc(&args, terminal),
        Command::Schema(args) => schema::schema(&args),
        Command::Plan(args) => match &args.explain {
            Some(asked) => explaining::explain(asked, &args, terminal),
            None => forecasting::plan(&args, terminal),
        },
        Command::Apply(args) => saved::apply(&args, terminal),
        Command::Graph(args) => graphing::graph(&args, terminal),
        Command::Diff(args) => comparing::diff(&args, terminal),
        Command::Test(args) => testing::test(&args, terminal),
        Command::Rehearse(args) => rehearse::rehearse(&args, terminal),
        Command::Run(args) => running::run(&args, terminal),
        Command::Daemon(args) => daemon::daemon(&args, terminal),
        Command::Next(args) => upcoming::next(&args, terminal),
        Command::Backfill(args) => backfill::backfill(&args, terminal),
        Command::Retry(args) => rehearse::retry(&args, terminal),
        Command::Lsp(args) => Ok(lsp::lsp(&args)),
        Command::Completions(args) => Ok(completions::completions(&args)),
        Command::Exec(args) => Ok(exec::exec(&args)),
        Command::Ps(args) => inspect::ps(&args),
        Command::Status(args) => inspect::status(&args),
        Command::Logs(args) => inspect::logs(&args),
        Command::Why(args) => inspect::why(&args),
        Command::Cancel(args) => inspect::cancel(&args, terminal),
        Command::Pause(args) => people::pause(&args, terminal),
        Command::Resume(args) => people::resume(&args, terminal),
        Command::Approve(args) => people::approve(&args, terminal),
        Command::Reject(args) => people::reject(&args, terminal),
        Command::Freeze(args) => people::freeze(&args, terminal),
        Command::Rollback(args) => steering::rollback(&args, terminal),
        Command::Rollout(args) => steering::rollout(&args, terminal),
        Command::Retrain(args) => steering::retrain(&args, terminal),
        Command::Export(args) => history::export(&args),
        Command::Doctor(args) => history::doctor(&args),
        Command::Audit(args) => history::audit(&args),
        Command::Model(args) => inspect::model(&args, terminal),
        Command::Features(args) => features::features(&args),
        Command::Data(args) => data::data(&args, terminal),
        Command::Simulate(args) => simulate::simulate(&args, terminal),
    }
}
