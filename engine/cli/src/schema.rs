//! `suho schema`: what a kind takes, as JSON Schema.

use crate::args::Schema;
use crate::failure::Failure;
use crate::project::Project;
use crate::terminal::out;
use std::path::Path;
use suho_check::nearest;

/// Prints the schema of one kind, or of all.
pub(crate) fn schema(args: &Schema) -> Result<u8, Failure> {
    let project = Project::of(args.place.project.as_deref().unwrap_or_else(|| Path::new(".")))?;
    // The user's own steps count where a project is named; the library's are always there.
    let files = match &args.place.project {
        Some(path) => project.files(std::slice::from_ref(path))?,
        None => Vec::new(),
    };
    let library = suho_check::check(&files, &project).library;
    let schema = suho_doc::schema(&library, args.kind.as_deref()).map_err(|unknown| {
        let kinds = suho_doc::kinds(&library);
        let failure = Failure::user("unknown-kind", format!("there is no kind `{}`", unknown.0));
        match nearest(&unknown.0, kinds.iter().copied()) {
            Some(near) => failure.help(format!("did you mean `{near}`?")),
            None => failure.help(format!("kinds are {}", kinds.join(", "))),
        }
    })?;
    out(&format!("{schema:#}\n"));
    Ok(0)
}
