//! `suho init`: a project to begin with, whose pipeline works as it stands.

use crate::args::Init;
use crate::failure::Failure;
use crate::project::reason;
use crate::terminal::out;
use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use suho_domain::Name;

/// Where the example looks for its bars in the repository, and where it does in a new project.
const BARS: [&str; 2] = ["../data/eurusd_1h.parquet", "data/eurusd_1h.parquet"];
/// What git is told to leave alone.
const IGNORED: &str = ".suho/";
/// A project's name where the folder's is none.
const NAMELESS: &str = "my_project";

/// A file of a new project.
struct File {
    path: &'static str,
    what: &'static str,
    bytes: Vec<u8>,
}

/// Writes a project into a folder, and says what to do with it.
pub(crate) fn init(args: &Init) -> Result<u8, Failure> {
    let folder = args.dir.clone().unwrap_or_else(|| PathBuf::from("."));
    create(&folder)?;
    let files = files(&name_of(&folder));
    refuse_to_overwrite(&folder, &files)?;
    for file in &files {
        write(&folder.join(file.path), &file.bytes)?;
    }
    let is_ignoring = ignore(&folder.join(".gitignore"))?;
    out(&page(args.dir.as_deref(), &files, is_ignoring));
    Ok(0)
}

/// The files, in the order in which a person reads them.
fn files(name: &str) -> Vec<File> {
    let file = |path, what, bytes: &[u8]| File { path, what, bytes: bytes.to_vec() };
    let project = format!("edition 2026\n\nproject {name} {{\n  timezone = \"UTC\"\n}}\n");
    let pipeline = include_str!("../../../examples/quickstart/pipeline.suho");
    vec![
        file("project.suho", "the project: its name and time zone", project.as_bytes()),
        file(
            "pipelines/model.suho",
            "the features, the model, what trading costs",
            include_bytes!("../../../examples/quickstart/model.suho"),
        ),
        file(
            "pipelines/pipeline.suho",
            "the pipeline `quickstart`, from bars to production",
            pipeline.replace(BARS[0], BARS[1]).as_bytes(),
        ),
        file(
            BARS[1],
            "5,000 real bars of EUR/USD, to be replaced by your own",
            include_bytes!("../../../examples/data/eurusd_1h.parquet"),
        ),
    ]
}

/// A project is named like its folder, as far as that is a name.
fn name_of(folder: &Path) -> String {
    let folder = fs::canonicalize(folder).unwrap_or_else(|_| folder.to_path_buf());
    let name = folder.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
    let name = name.replace(|c: char| !c.is_ascii_alphanumeric(), "_");
    match Name::new(name.as_str()) {
        Ok(_) => name,
        Err(_) => NAMELESS.to_owned(),
    }
}

/// Somebody's work is not written over: all of it is named, and nothing is written.
fn refuse_to_overwrite(folder: &Path, files: &[File]) -> Result<(), Failure> {
    let there: Vec<_> = files
        .iter()
        .filter(|file| folder.join(file.path).symlink_metadata().is_ok())
        .map(|file| format!("`{}`", file.path))
        .collect();
    if there.is_empty() {
        return Ok(());
    }
    let (verb, there) = (if there.len() == 1 { "is" } else { "are" }, there.join(", "));
    let message = format!("{there} {verb} already in `{}`", folder.display());
    Err(Failure::user("already-there", message).help("name a folder without a project"))
}

fn create(folder: &Path) -> Result<(), Failure> {
    fs::create_dir_all(folder).map_err(|error| {
        let message =
            format!("cannot create the folder `{}`: {}", folder.display(), reason(&error));
        Failure::world("unwritable", message)
    })
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    if let Some(folder) = path.parent() {
        create(folder)?;
    }
    let created = OpenOptions::new().write(true).create_new(true).open(path);
    created.and_then(|mut file| file.write_all(bytes)).map_err(|error| unwritable(path, &error))
}

/// Tells git about the state folder, below what it was told before. Whether there was need to.
fn ignore(path: &Path) -> Result<bool, Failure> {
    let before = match fs::read_to_string(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => String::new(),
        read => read.map_err(|error| unwritable(path, &error))?,
    };
    if before.lines().any(|line| matches!(line.trim(), ".suho" | ".suho/" | "/.suho" | "/.suho/")) {
        return Ok(false);
    }
    let gap = if before.is_empty() || before.ends_with('\n') { "" } else { "\n" };
    fs::write(path, format!("{before}{gap}{IGNORED}\n"))
        .map_err(|error| unwritable(path, &error))?;
    Ok(true)
}

fn unwritable(path: &Path, error: &std::io::Error) -> Failure {
    let message = format!("cannot write `{}`: {}", path.display(), reason(error));
    Failure::world("unwritable", message)
}

fn page(folder: Option<&Path>, files: &[File], is_ignoring: bool) -> String {
    let mut lines: Vec<_> =
        files.iter().map(|file| format!("  {:<24}  {}\n", file.path, file.what)).collect();
    if is_ignoring {
        lines.push(format!("  {:<24}  keeps suho's state out of git\n", ".gitignore"));
    }
    let change = folder.map(|folder| format!("  cd {}\n", folder.display()));
    format!(
        "wrote\n{}\nnext\n{}  suho plan quickstart\n  suho rehearse quickstart\n",
        lines.concat(),
        change.unwrap_or_default(),
    )
}
