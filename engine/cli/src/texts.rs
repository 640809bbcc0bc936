//! `suho check`, `suho fmt`, `suho explain`: commands about text alone.

use crate::answer::Notation;
use crate::args::{Check, Explain, Fmt};
use crate::compile;
use crate::failure::Failure;
use crate::picture;
use crate::project::{self, Project};
use crate::table::table;
use crate::terminal::{Terminal, err, out};
use serde_json::json;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use suho_check::{Checked, Mended, Severity};
use suho_domain::Fault;

/// Exit code of "the answer is no": something to format, a gate, a rollback.
pub(crate) const NO: u8 = 1;

/// Every mistake at once.
pub(crate) fn check(args: &Check, terminal: Terminal) -> Result<u8, Failure> {
    let paths = given(&args.paths);
    let project = Project::of(paths.first().map_or_else(|| Path::new("."), PathBuf::as_path))?;
    let files = project.files(&paths)?;
    let checked = if args.fix {
        mend(&project, &files, terminal)?
    } else {
        suho_check::check(&files, &project)
    };
    let (found, sources) = (&checked.diagnostics, &checked.sources);
    let answer = if args.sarif {
        let sarif = suho_check::sarif(found, sources, env!("CARGO_PKG_VERSION"));
        Some(Notation::Json.page(&sarif))
    } else {
        args.output.notation().map(|notation| notation.page(&picture::json(found, sources)))
    };
    if let Some(answer) = answer {
        out(&answer);
        let is_wrong = checked.diagnostics.iter().any(|d| d.severity == Severity::Error);
        return Ok(if is_wrong { Fault::User.exit_code() } else { 0 });
    }
    compile::say(&checked, terminal)?;
    if !terminal.is_quiet {
        let warnings = checked.diagnostics.len();
        let beside = if warnings == 0 { String::new() } else { format!(", {warnings} warnings") };
        let files =
            if files.len() == 1 { "1 file".to_owned() } else { format!("{} files", files.len()) };
        out(&format!("{files}: no mistake{beside}\n"));
    }
    Ok(0)
}

/// Mends `files` where there is one way out, writes them, and says each change; the rest is checked.
fn mend(
    project: &Project,
    files: &[(String, String)],
    terminal: Terminal,
) -> Result<Checked, Failure> {
    let fixed = suho_check::fix(files, project);
    for (name, text) in fixed.files.iter().filter(|mended| !files.contains(mended)) {
        let read = files.iter().find(|(file, _)| file == name).map(|(_, read)| read.as_str());
        write(project, name, read, text)?;
    }
    for Mended { file, line, code, message } in fixed.mended.iter().filter(|_| !terminal.is_quiet) {
        err(&format!("mended `{file}`:{line}: {message} ({code})\n"));
    }
    Ok(fixed.checked)
}

/// Writes `text` to the file `name`, which held `read`: what came into it since is not lost.
fn write(project: &Project, name: &str, read: Option<&str>, text: &str) -> Result<(), Failure> {
    let path = project.root().join(name);
    if let Some(read) = read
        && project::read(&path)? != read
    {
        let message = format!("`{name}` changed while it was read; it is left as it is");
        return Err(Failure::world("file-changed", message).help("run the command again"));
    }
    std::fs::write(path, text).map_err(|error| {
        let reason = project::reason(&error);
        Failure::world("unwritable", format!("cannot write `{name}`: {reason}"))
    })
}

fn given(paths: &[PathBuf]) -> Vec<PathBuf> {
    if paths.is_empty() { vec![PathBuf::from(".")] } else { paths.to_vec() }
}

/// The canonical form.
pub(crate) fn fmt(args: &Fmt, terminal: Terminal) -> Result<u8, Failure> {
    if args.paths.iter().any(|path| path == Path::new("-")) {
        return fmt_stream(args);
    }
    let paths = given(&args.paths);
    let project = Project::of(paths.first().map_or_else(|| Path::new("."), PathBuf::as_path))?;
    let mut changed = 0_u32;
    for (name, text) in project.files(&paths)? {
        let formatted = suho_syntax::format(&text).text;
        if formatted == text {
            continue;
        }
        changed += 1;
        if args.diff {
            out(&diff(&name, &text, &formatted));
        }
        if args.check || args.diff {
            err(&format!("`{name}` is not in canonical form\n"));
        } else {
            write(&project, &name, Some(&text), &formatted)?;
            if !terminal.is_quiet {
                err(&format!("formatted `{name}`\n"));
            }
        }
    }
    Ok(if changed > 0 && (args.check || args.diff) { NO } else { 0 })
}

fn fmt_stream(args: &Fmt) -> Result<u8, Failure> {
    let mut bytes = Vec::new();
    let most = u64::try_from(suho_syntax::BYTES_MAX).unwrap_or(u64::MAX).saturating_add(1);
    std::io::stdin().take(most).read_to_end(&mut bytes).map_err(|error| {
        let reason = project::reason(&error);
        Failure::user("unreadable", format!("cannot read standard input: {reason}"))
    })?;
    let text = suho_syntax::decode(bytes).map_err(|error| {
        Failure::user("not-text", format!("cannot read standard input: {error}"))
    })?;
    let formatted = suho_syntax::format(&text).text;
    if args.check || args.diff {
        if args.diff {
            out(&diff("<stdin>", &text, &formatted));
        }
        return Ok(if formatted == text { 0 } else { NO });
    }
    out(&formatted);
    Ok(0)
}

/// Lines that go and lines that come, between what stays at both ends.
fn diff(name: &str, before: &str, after: &str) -> String {
    // A `\r` at the end of a line goes like everything else; a terminal would not show it.
    let old: Vec<_> = before.split_terminator('\n').collect();
    let new: Vec<_> = after.split_terminator('\n').collect();
    let same = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    let rest = old.len().min(new.len()).saturating_sub(same);
    let same_end =
        old.iter().rev().zip(new.iter().rev()).take(rest).take_while(|(a, b)| a == b).count();
    let changed = |lines: &[&str], mark: char| -> String {
        let end = lines.len().saturating_sub(same_end);
        let between = lines.get(same..end).unwrap_or_default();
        let shown = |line: &&str| format!("{mark}{}\n", line.replace('\r', "␍"));
        between.iter().map(shown).collect()
    };
    format!(
        "--- {name}\n+++ {name}\n@@ line {} @@\n{}{}",
        same + 1,
        changed(&old, '-'),
        changed(&new, '+')
    )
}

/// What a code means.
pub(crate) fn explain(args: &Explain) -> Result<u8, Failure> {
    let notation = args.output.notation();
    let Some(code) = &args.code else {
        let title = |code: &str| {
            let page = suho_check::explain(code).unwrap_or_default();
            let head = page.lines().next().unwrap_or_default();
            head.trim_start_matches('#').trim().to_owned()
        };
        let codes = suho_check::CODES.iter().copied();
        out(&if let Some(notation) = notation {
            let each = |code| json!({ "code": code, "title": title(code) });
            notation.page(&json!({ "version": 1, "codes": codes.map(each).collect::<Vec<_>>() }))
        } else {
            let rows: Vec<_> = codes.map(|code| vec![code.to_owned(), title(code)]).collect();
            table("", &["CODE", "WHAT IT IS"], &rows)
        });
        return Ok(0);
    };
    let page = suho_check::explain(code).ok_or_else(|| {
        let failure = Failure::user("unknown-code", format!("there is no code `{code}`"));
        match suho_check::nearest(code, suho_check::CODES.iter().copied()) {
            Some(near) => failure.help(format!("did you mean `{near}`?")),
            None => failure.help("`suho explain` alone lists all codes"),
        }
    })?;
    out(&match notation {
        Some(notation) => notation.page(&json!({ "version": 1, "code": code, "page": page })),
        None => format!("{}\n", page.trim_end()),
    });
    Ok(0)
}
