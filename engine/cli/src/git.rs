//! The `.suho` files of a revision, read through `git` without checking anything out.

use crate::failure::Failure;
use std::ffi::OsStr;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc::channel;
use std::time::Duration;

/// Kinds of entries that are files; links and submodules are not.
const FILES: [&str; 2] = ["100644", "100755"];

/// A folder inside a git repository.
#[derive(Clone, Debug)]
pub(crate) struct Repository {
    folder: PathBuf,
}

/// A commit, and what it was asked for as.
#[derive(Clone, Debug)]
pub(crate) struct Commit {
    id: String,
    /// As it was asked for: `main`, `HEAD~2`.
    pub(crate) name: String,
}

impl Commit {
    /// Its full id.
    pub(crate) fn id(&self) -> &str {
        &self.id
    }
}

impl Repository {
    /// The repository that `folder` lies in.
    pub(crate) fn of(folder: &Path) -> Result<Self, Failure> {
        let repository = Self { folder: folder.to_path_buf() };
        let answer = repository.ask(&["rev-parse", "--is-inside-work-tree"])?;
        if answer.status.success() && answer.stdout.starts_with(b"true") {
            return Ok(repository);
        }
        let message = format!("`{}` lies in no git repository", folder.display());
        Err(Failure::user("not-a-repository", message)
            .help("`suho diff` compares revisions: `git init` and a first commit make one"))
    }

    /// The commit that `revision` names.
    pub(crate) fn commit(&self, revision: &str) -> Result<Commit, Failure> {
        let wanted = format!("{revision}^{{commit}}");
        let args = ["rev-parse", "--verify", "--quiet", "--end-of-options", &wanted];
        let answer = self.ask(&args)?;
        let id = String::from_utf8_lossy(&answer.stdout).trim().to_owned();
        if answer.status.success() && !id.is_empty() {
            return Ok(Commit { id, name: revision.to_owned() });
        }
        let message = format!("there is no revision `{revision}`");
        Err(Failure::user("unknown-revision", message)
            .help("name a branch, a tag, a commit, or `HEAD~1`; `git log --oneline` lists commits"))
    }

    /// The newest commit of `branch`: what its upstream has where it has one, else its own, else that
    /// of the branch of the same name at `origin`.
    pub(crate) fn newest(&self, branch: &str) -> Result<Commit, Failure> {
        let names =
            [format!("{branch}@{{upstream}}"), branch.to_owned(), format!("origin/{branch}")];
        let found = names.iter().find_map(|name| self.commit(name).ok());
        match found {
            Some(commit) => Ok(Commit { name: branch.to_owned(), ..commit }),
            None => self.commit(branch),
        }
    }

    /// The files below the folder that differ between two commits, by their paths from there.
    pub(crate) fn changed(&self, from: &str, to: &str) -> Result<Vec<String>, Failure> {
        let args = [
            "diff",
            "--name-only",
            "--no-renames",
            "--relative",
            "-z",
            "--end-of-options",
            from,
            to,
        ];
        let answer = self.ask(&args)?;
        if !answer.status.success() {
            return Err(refused("diff", &answer));
        }
        let text = String::from_utf8_lossy(&answer.stdout);
        let names = text.split('\0').filter(|name| !name.is_empty());
        Ok(names.map(str::to_owned).collect())
    }

    /// The remote that `branch` is fetched from, and what it is called there; `None` where it is
    /// this repository's own.
    fn upstream(&self, branch: &str) -> Result<Option<(String, String)>, Failure> {
        let ask = |key: &str| -> Result<Option<String>, Failure> {
            let answer = self.ask(&["config", "--get", &format!("branch.{branch}.{key}")])?;
            let text = String::from_utf8_lossy(&answer.stdout).trim().to_owned();
            Ok(Some(text).filter(|text| answer.status.success() && !text.is_empty()))
        };
        if let (Some(remote), Some(merge)) = (ask("remote")?, ask("merge")?) {
            // `.` is this repository.
            return Ok(Some((remote, merge)).filter(|(remote, _)| remote != "."));
        }
        let is_ours = self.commit(&format!("refs/heads/{branch}")).is_ok();
        let remotes = self.ask(&["remote"])?;
        let has_origin = String::from_utf8_lossy(&remotes.stdout).lines().any(|it| it == "origin");
        let at_origin = ("origin".to_owned(), format!("refs/heads/{branch}"));
        Ok(Some(at_origin).filter(|_| !is_ours && has_origin))
    }

    /// Fetches `branch` from where it comes from, within `limit`; nothing where it is this
    /// repository's own. Nobody is asked for a password.
    pub(crate) fn fetch(&self, branch: &str, limit: Duration) -> Result<(), Failure> {
        let Some((remote, name)) = self.upstream(branch)? else { return Ok(()) };
        let short = name.strip_prefix("refs/heads/").unwrap_or(&name);
        let spec = format!("+{name}:refs/remotes/{remote}/{short}");
        let args = ["fetch", "--quiet", "--no-tags", "--no-recurse-submodules"];
        let mut git = self.git(&args);
        git.arg("--end-of-options").arg(&remote).arg(&spec);
        git.env("GIT_TERMINAL_PROMPT", "0").env("GIT_ASKPASS", "true");
        if std::env::var_os("GIT_SSH_COMMAND").is_none() {
            git.env("GIT_SSH_COMMAND", "ssh -o BatchMode=yes");
        }
        git.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let git = git.spawn().map_err(|error| no_git(&error))?;
        let what = format!("fetch `{short}` from `{remote}`");
        end_within(git, limit, &what)
    }

    /// The newest commit that both `one` and `other` come from.
    pub(crate) fn base(&self, one: &Commit, other: &Commit) -> Result<Commit, Failure> {
        let answer = self.ask(&["merge-base", &one.id, &other.id])?;
        let id = String::from_utf8_lossy(&answer.stdout).trim().to_owned();
        if answer.status.success() && !id.is_empty() {
            return Ok(Commit { id, name: format!("{}...{}", one.name, other.name) });
        }
        let message = format!("`{}` and `{}` have nothing in common", one.name, other.name);
        Err(Failure::user("unknown-revision", message).help("compare them with two dots"))
    }

    /// The files below the folder that `is_wanted` wants, as they are in `commit`: path relative to
    /// the folder, and bytes.
    pub(crate) fn files(
        &self,
        commit: &Commit,
        is_wanted: &dyn Fn(&str) -> bool,
    ) -> Result<Vec<(String, Vec<u8>)>, Failure> {
        // In a folder `ls-tree` lists what is below it, by paths from there.
        let listed = self.ask(&["ls-tree", "-r", "-z", &commit.id])?;
        if !listed.status.success() {
            return Err(refused("ls-tree", &listed));
        }
        let text = String::from_utf8_lossy(&listed.stdout);
        let entries = text.split('\0').filter_map(entry);
        let entries: Vec<(&str, &str)> = entries.filter(|(_, path)| is_wanted(path)).collect();
        let blobs = self.blobs(entries.iter().map(|(id, _)| *id))?;
        Ok(entries.iter().map(|(_, path)| (*path).to_owned()).zip(blobs).collect())
    }

    /// The contents of blobs, in the order asked for.
    fn blobs<'a>(&self, ids: impl Iterator<Item = &'a str>) -> Result<Vec<Vec<u8>>, Failure> {
        let asked: Vec<String> = ids.map(|id| format!("{id}\n")).collect();
        let mut git = self
            .git(&["cat-file", "--batch"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| no_git(&error))?;
        let (stdin, stdout) = (git.stdin.take(), git.stdout.take());
        let text = asked.concat();
        // Both pipes are narrow: who only writes while git answers would wait for ever.
        let mut answer = Vec::new();
        std::thread::scope(|scope| {
            scope.spawn(move || stdin.map(|mut pipe| pipe.write_all(text.as_bytes())));
            stdout.map(|mut pipe| pipe.read_to_end(&mut answer))
        });
        let ended = git.wait().map_err(|error| no_git(&error))?;
        let blobs = split(&answer, asked.len());
        match blobs {
            Some(blobs) if ended.success() => Ok(blobs),
            _ => Err(Failure::world("git", "`git cat-file --batch` did not give every file")
                .help("`git fsck` tells whether the repository is whole")),
        }
    }

    fn ask(&self, args: &[&str]) -> Result<Output, Failure> {
        self.git(args).stdin(Stdio::null()).output().map_err(|error| no_git(&error))
    }

    #[expect(clippy::disallowed_methods, reason = "git is asked what a revision held")]
    fn git(&self, args: &[&str]) -> Command {
        let mut command = Command::new("git");
        command.arg("-C").arg(&self.folder).args(args.iter().map(OsStr::new));
        // Nothing is written, nothing fetched, and answers are in one language.
        command.env("GIT_OPTIONAL_LOCKS", "0").env("GIT_NO_LAZY_FETCH", "1").env("LC_ALL", "C");
        command
    }
}

/// The id and the path of an entry that is a file: `100644 blob ID\tPATH`.
fn entry(line: &str) -> Option<(&str, &str)> {
    let (head, path) = line.split_once('\t')?;
    let mut words = head.split(' ');
    let (mode, _, id) = (words.next()?, words.next()?, words.next()?);
    FILES.contains(&mode).then_some((id, path))
}

/// The `count` contents in an answer of `cat-file --batch`: `ID blob SIZE\n`, the bytes, `\n`.
fn split(mut answer: &[u8], count: usize) -> Option<Vec<Vec<u8>>> {
    let mut blobs = Vec::with_capacity(count);
    for _ in 0..count {
        let end = answer.iter().position(|byte| *byte == b'\n')?;
        let head = std::str::from_utf8(answer.get(..end)?).ok()?;
        let size: usize = head.rsplit_once(' ')?.1.parse().ok()?;
        let from = end + 1;
        blobs.push(answer.get(from..from + size)?.to_vec());
        answer = answer.get(from + size + 1..)?;
    }
    Some(blobs)
}

/// Waits for `git` to end well, at most `limit`; what takes longer is ended.
fn end_within(mut git: Child, limit: Duration, what: &str) -> Result<(), Failure> {
    let stderr = git.stderr.take();
    let (said, words) = channel();
    let reader = std::thread::Builder::new().name("git".to_owned()).spawn(move || {
        let mut text = String::new();
        // What cannot be read was not said.
        drop(stderr.map(|mut pipe| pipe.read_to_string(&mut text)));
        drop(said.send(text));
    });
    reader.map_err(|error| no_git(&error))?;
    // Standard error is open as long as git goes on.
    let text = words.recv_timeout(limit);
    if text.is_err() {
        drop(git.kill());
    }
    let ended = git.wait().map_err(|error| no_git(&error))?;
    let why = match text {
        Ok(_) if ended.success() => return Ok(()),
        Ok(text) => text.lines().next().unwrap_or("it did not say why").to_owned(),
        Err(_) => format!("it took longer than {} s", limit.as_secs()),
    };
    Err(Failure::world("cannot-fetch", format!("cannot {what}: {why}")))
}

fn refused(what: &str, answer: &Output) -> Failure {
    let said = String::from_utf8_lossy(&answer.stderr);
    let said = said.lines().next().unwrap_or("it did not say why");
    Failure::world("git", format!("`git {what}` failed: {said}"))
}

fn no_git(error: &std::io::Error) -> Failure {
    let reason = crate::project::reason(error);
    Failure::world("no-git", format!("cannot run `git`: {reason}"))
        .help("install git, or put it on the PATH")
}

#[cfg(test)]
mod tests {
    use super::{entry, split};

    #[test]
    fn a_link_is_no_file() {
        assert_eq!(entry("100644 blob 12ab\ta b.suho"), Some(("12ab", "a b.suho")));
        assert_eq!(entry("120000 blob 12ab\ta.suho"), None);
        assert_eq!(entry("160000 commit 12ab\tsub"), None);
    }

    #[test]
    fn contents_are_cut_by_their_sizes() {
        let answer = b"1 blob 3\na\nb\n2 blob 0\n\n3 blob 1\n\n\n";
        let blobs = vec![b"a\nb".to_vec(), Vec::new(), b"\n".to_vec()];
        assert_eq!(split(answer, 3), Some(blobs));
        assert_eq!(split(b"1 missing\n", 1), None);
        assert_eq!(split(b"1 blob 9\nabc\n", 1), None);
    }
}
