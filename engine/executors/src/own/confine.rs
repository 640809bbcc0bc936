//! The sandbox of a script: a process of its own puts it on, then becomes the script.
//!
//! It is the same program, started again: what a process may do it can only give up itself, and the
//! shim must keep what it needs to write the outcome.

use super::processes;
use landlock::{
    ABI, Access as _, AccessFs, CompatLevel, Compatible as _, PathBeneath, PathFd, Ruleset,
    RulesetAttr as _, RulesetCreatedAttr as _, RulesetError, RulesetStatus,
};
use rustix::process::{Resource, Rlimit, Signal, getrlimit, setrlimit, setsid};
use serde::{Deserialize, Serialize};
use std::fs;
use std::io::{self, Write as _};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use suho_step::attempt;

/// The sandbox's order, in the attempt's folder.
pub(super) const SANDBOX: &str = "sandbox.json";
/// The exit code of a sandbox that could not become its script. No shell answers so by itself.
pub(super) const NOT_BEGUN: u8 = 121;
/// How what it says then begins.
pub(super) const REFUSED: &str = "cannot begin the script";
/// Open files of one process.
const FILES_MAX: u64 = 4_096;
/// How much rather than others the kernel ends the script when memory is short, of 1,000.
const OUT_OF_MEMORY_RANK: &str = "500";

/// What a script may touch, and what of the machine it may take.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Sandbox {
    /// The script's file.
    pub(super) script: PathBuf,
    /// Files and folders that it may read and run.
    pub(super) read: Vec<PathBuf>,
    /// Folders that it may change as well.
    pub(super) write: Vec<PathBuf>,
    /// The largest file, in bytes.
    pub(super) file_bytes: u64,
    /// Processes at any one time.
    pub(super) processes: u32,
    /// Memory of one process, in bytes.
    pub(super) memory_bytes: Option<u64>,
}

/// What every script may read and run: the system's programs, and what they cannot do without.
pub(super) const SYSTEM: [&str; 36] = [
    "/bin",
    "/sbin",
    "/lib",
    "/lib32",
    "/lib64",
    "/usr",
    "/opt",
    "/nix/store",
    "/proc",
    "/sys/devices/system",
    "/sys/fs/cgroup",
    "/etc/alternatives",
    "/etc/ca-certificates",
    "/etc/crypto-policies",
    "/etc/gai.conf",
    "/etc/group",
    "/etc/host.conf",
    "/etc/hosts",
    "/etc/inputrc",
    "/etc/ld.so.cache",
    "/etc/ld.so.conf",
    "/etc/ld.so.conf.d",
    "/etc/localtime",
    "/etc/mime.types",
    "/etc/nsswitch.conf",
    "/etc/os-release",
    "/etc/passwd",
    "/etc/pki",
    "/etc/protocols",
    "/etc/resolv.conf",
    "/etc/services",
    "/etc/ssl",
    "/etc/timezone",
    "/run/systemd/resolve",
    "/dev/urandom",
    "/dev/random",
];
/// What every script may also write to.
pub(super) const DEVICES: [&str; 5] =
    ["/dev/null", "/dev/zero", "/dev/full", "/dev/tty", "/dev/shm"];

/// Puts the sandbox on that the attempt in `folder` says, and becomes its script. Answers only when
/// that cannot be, with the exit code of this process.
pub(crate) fn become_script(folder: &Path) -> u8 {
    let failed = match attempt::read_json::<Sandbox>(&folder.join(SANDBOX)) {
        Ok(Some(sandbox)) => enter(&sandbox).map_or_else(|error| error, |()| replace(&sandbox)),
        Ok(None) => io::Error::other("no sandbox is ordered here"),
        Err(error) => io::Error::other(suho_domain::fault::chain(&error)),
    };
    // Nobody is left to tell if this fails as well; the exit code still tells.
    drop(writeln!(io::stderr(), "{REFUSED}: {failed}"));
    NOT_BEGUN
}

/// Becomes the script. Answers why not.
fn replace(sandbox: &Sandbox) -> io::Error {
    #[expect(clippy::disallowed_methods, reason = "this is where processes are started")]
    let mut shell = Command::new("/bin/sh");
    shell.arg("-e").arg(&sandbox.script).exec()
}

fn enter(sandbox: &Sandbox) -> io::Result<()> {
    // A session of its own: what ends the script ends its children, and the shim stays.
    setsid()?;
    // When the shim is killed, so is the script; what it started is found by its mark.
    rustix::process::set_parent_process_death_signal(Some(Signal::KILL))?;
    rustix::thread::set_no_new_privs(true)?;
    limit(Resource::Core, 0)?;
    limit(Resource::Nofile, FILES_MAX)?;
    limit(Resource::Fsize, sandbox.file_bytes)?;
    if let Some(bytes) = sandbox.memory_bytes {
        limit(Resource::Data, bytes)?;
    }
    // The kernel counts every thread of the user, those of other programs too.
    let others = processes::threads_of_user();
    limit(Resource::Nproc, others.saturating_add(u64::from(sandbox.processes)))?;
    // A rank that cannot be raised costs nothing but the kernel's choice.
    drop(fs::write("/proc/self/oom_score_adj", OUT_OF_MEMORY_RANK));
    match confine(sandbox) {
        Ok(RulesetStatus::FullyEnforced | RulesetStatus::PartiallyEnforced) => Ok(()),
        Ok(RulesetStatus::NotEnforced) => {
            writeln!(
                io::stderr(),
                "note: this kernel has no landlock: nothing but its user's rights keeps the script from other files"
            )
        }
        Err(error) => Err(io::Error::other(suho_domain::fault::chain(&error))),
    }
}

/// Lowers the limit of `resource` to `most`; one that is lower already stays.
fn limit(resource: Resource, most: u64) -> io::Result<()> {
    let lower = |now: Option<u64>| Some(now.map_or(most, |now| now.min(most)));
    let now = getrlimit(resource);
    let new = Rlimit { current: lower(now.current), maximum: lower(now.maximum) };
    Ok(setrlimit(resource, new)?)
}

/// Gives up every file and folder that the sandbox does not name.
fn confine(sandbox: &Sandbox) -> Result<RulesetStatus, RulesetError> {
    // What newer kernels know beyond this the crate leaves out on older ones.
    let abi = ABI::V5;
    let mut rules = Ruleset::default()
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(AccessFs::from_all(abi))?
        .create()?;
    let read = sandbox.read.iter().map(|path| (path, AccessFs::from_read(abi)));
    let write = sandbox.write.iter().map(|path| (path, AccessFs::from_all(abi)));
    for (path, access) in read.chain(write) {
        // What is not there cannot be touched.
        let Ok(held) = PathFd::new(path) else { continue };
        let of_files = if path.is_dir() { access } else { access & AccessFs::from_file(abi) };
        rules = rules.add_rule(PathBeneath::new(held, of_files))?;
    }
    Ok(rules.restrict_self()?.ruleset)
}
