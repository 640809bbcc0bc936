//! The words of `suho run`, `suho daemon`, `suho next` and `suho backfill`.

use super::{Output, Place, Target};
use clap::Args;
use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::PathBuf;

#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
#[derive(Args, Debug)]
pub(crate) struct Run {
    #[command(flatten)]
    pub(crate) target: Target,
    /// The environment to run in.
    #[arg(long, value_name = "ENV", default_value = crate::running::ENVIRONMENT)]
    pub(crate) env: String,
    /// Waits for the end when the daemon carries it out.
    #[arg(long)]
    pub(crate) wait: bool,
    /// Waits for the end, and tells what happens meanwhile.
    #[arg(long)]
    pub(crate) follow: bool,
    /// Begins another run though one of the same plan is unfinished; a daemon always does.
    #[arg(long)]
    pub(crate) new: bool,
    /// Does every step anew; not by a daemon.
    #[arg(long)]
    pub(crate) no_cache: bool,
    #[command(flatten)]
    pub(crate) output: Output,
}

#[derive(Args, Debug)]
pub(crate) struct Daemon {
    #[command(flatten)]
    pub(crate) place: Place,
    /// The environment to carry out.
    #[arg(long, value_name = "ENV", default_value = crate::running::ENVIRONMENT)]
    pub(crate) env: String,
    /// Follows this branch of the project's repository, whatever is checked out; fetched from its
    /// remote twice a minute where it has one. The folder's files, read at the start and on SIGHUP,
    /// when not given.
    #[arg(long, value_name = "BRANCH")]
    pub(crate) branch: Option<String>,
    /// Where its state lies; `.suho` of the project when not given.
    #[arg(long, value_name = "DIR")]
    pub(crate) data_dir: Option<PathBuf>,
    /// Where it answers; port 0 takes any that is free. Any address but one of the loopback needs
    /// a token and TLS.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:0")]
    pub(crate) listen: SocketAddr,
    /// Writes where it answers to this file, once it has recovered.
    #[arg(long, value_name = "FILE")]
    pub(crate) ready_file: Option<PathBuf>,
    /// Runs at work at the same time.
    #[arg(long, value_name = "N", default_value = "8")]
    pub(crate) runs_max: NonZeroU32,
    /// Requests must carry what is in this file.
    #[arg(long, value_name = "FILE")]
    pub(crate) token_file: Option<PathBuf>,
    /// How it logs, on standard error.
    #[arg(long, value_enum, value_name = "FORMAT", default_value = "text")]
    pub(crate) log: crate::logging::LogFormat,
    /// Tells this collector of each run that ends, OTLP over HTTP: `http://127.0.0.1:4318`. What
    /// `OTEL_EXPORTER_OTLP_ENDPOINT` says when not given.
    #[arg(long, value_name = "URL")]
    pub(crate) otlp: Option<String>,
    /// Answers over TLS with the certificate in this file, PEM; this machine's commands are answered
    /// on a port of the loopback besides.
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    pub(crate) tls_cert: Option<PathBuf>,
    /// The certificate's key, PEM.
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    pub(crate) tls_key: Option<PathBuf>,
}

#[derive(Args, Debug)]
pub(crate) struct Next {
    /// A pipeline's name, or the pipelines of a file or folder; the project's when not given.
    pub(crate) pipeline: Option<String>,
    /// Firings of each schedule.
    #[arg(short = 'n', long, value_name = "N", default_value_t = 5)]
    pub(crate) count: u16,
    /// From this instant on; now when not given.
    #[arg(long, value_name = "INSTANT")]
    pub(crate) at: Option<String>,
    #[command(flatten)]
    pub(crate) place: Place,
    #[command(flatten)]
    pub(crate) output: Output,
}

#[derive(Args, Debug)]
pub(crate) struct Backfill {
    /// A pipeline's name, a file or folder with one pipeline, or FILE:NAME.
    pub(crate) pipeline: String,
    /// From this day or instant on; a day begins at midnight in the schedule's zone.
    #[arg(long, value_name = "A")]
    pub(crate) from: String,
    /// Before this day or instant.
    #[arg(long, value_name = "B")]
    pub(crate) to: String,
    /// The trigger whose times are the slots, where the pipeline has several.
    #[arg(long, value_name = "NAME")]
    pub(crate) schedule: Option<String>,
    /// Begins nothing: shows every slot, and what would become of it.
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Runs at a time, by a daemon; without one they are carried out one after another.
    #[arg(long, value_name = "N", default_value = "1")]
    pub(crate) parallel: NonZeroU32,
    /// The environment to run in.
    #[arg(long, value_name = "ENV", default_value = crate::running::ENVIRONMENT)]
    pub(crate) env: String,
    #[command(flatten)]
    pub(crate) output: Output,
}
