//! `suho doc`: the library and the project's pipelines as pages.

use crate::args::{Doc, Pages};
use crate::compile;
use crate::failure::Failure;
use crate::project::{self, Project};
use crate::terminal::{Terminal, out};
use std::path::Path;
use suho_check::World as _;
use suho_doc::Format;

/// Writes the pages. A program with mistakes has none: they would show half of it.
pub(crate) fn doc(args: &Doc, terminal: Terminal) -> Result<u8, Failure> {
    let path = args.path.as_deref().unwrap_or_else(|| Path::new("."));
    let project = Project::of(path)?;
    let files = project.files(&[path.to_owned()])?;
    let checked = suho_check::check(&files, &project);
    compile::say(&checked, terminal)?;
    let (format, first) = match args.format {
        Pages::Html => (Format::Html, "index.html"),
        Pages::Md => (Format::Markdown, "index.md"),
    };
    let folder = args.out.clone().unwrap_or_else(|| project.root().join(".suho/doc"));
    let unwritable = |path: &Path, error: &std::io::Error| {
        let reason = project::reason(error);
        Failure::world("unwritable", format!("cannot write `{}`: {reason}", path.display()))
    };
    std::fs::create_dir_all(&folder).map_err(|error| unwritable(&folder, &error))?;
    let pages = suho_doc::files(&checked, &project.prelude(), format);
    for (name, text) in &pages {
        let path = folder.join(name);
        std::fs::write(&path, text).map_err(|error| unwritable(&path, &error))?;
    }
    if !terminal.is_quiet {
        out(&format!("{} pages: {}\n", pages.len(), folder.join(first).display()));
    }
    Ok(0)
}
