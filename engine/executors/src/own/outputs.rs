//! What a script gives back: one file of plain JSON, held against what its step declares.

use super::secret::Secrets;
use rustix::fs::{Mode, OFlags, ResolveFlags};
use serde_json::Value as Json;
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Component, Path};
use suho_domain::{Digest, Shape, Value};
use suho_step::{Exec, Outputs, StepError};

/// What a script writes its outputs to, in `$SUHO_OUT`.
pub(super) const OUTPUTS: &str = "outputs.json";
/// Most bytes of it: outputs are facts about the work; the work itself is a file beside them.
const BYTES_MAX: u64 = 1 << 20;

/// The outputs of the step in `folder`, as `exec` declares them. Files go to `artifacts`.
pub(super) fn read(
    folder: &Path,
    exec: &Exec,
    artifacts: &Path,
    secrets: &Secrets,
) -> Result<Outputs, StepError> {
    let text = text(folder)?;
    if exec.outputs.is_empty() && text.is_none() {
        return Ok(Outputs::new());
    }
    let Some(text) = text else {
        let message = format!("the script wrote no `$SUHO_OUT/{OUTPUTS}`");
        return Err(StepError::user("no-outputs", message).help(example(exec)));
    };
    if secrets.are_in(&text) {
        let message = format!("`{OUTPUTS}` holds a secret: outputs are kept and shown");
        return Err(StepError::user("secret-in-outputs", message));
    }
    let json: Json = serde_json::from_str(&text).map_err(|error| {
        let message = format!("`{OUTPUTS}` is not JSON");
        StepError::user("bad-outputs", message).because(&error).help(example(exec))
    })?;
    let mut outputs = typed(exec, &json)?;
    for (name, shape) in &exec.outputs {
        if let (Shape::File, Some(Value::Text(file))) = (shape, outputs.get(name)) {
            let kept = keep(folder, file, artifacts).map_err(|why| {
                let message = format!("the output `{name}` cannot be kept: {why}");
                StepError::user("bad-outputs", message)
            })?;
            outputs.set(name, Value::Text(kept));
        }
    }
    Ok(outputs)
}

/// `json` as the outputs that `exec` declares.
pub(super) fn typed(exec: &Exec, json: &Json) -> Result<Outputs, StepError> {
    let whole = Shape::Fields(exec.outputs.clone());
    let value = whole.read(json).map_err(|unfit| {
        let message = match unfit.at.strip_prefix('.') {
            Some(at) => format!("the output `{at}` {}", unfit.why),
            None => format!("what it gives back {unfit}"),
        };
        StepError::user("bad-outputs", message).help(example(exec))
    })?;
    match value {
        Value::Record(record) => Ok(Outputs::from(record)),
        other => Err(StepError::bug("bad-outputs", format!("outputs are `{other}`"))),
    }
}

/// The text of the outputs; none where the script wrote none.
fn text(folder: &Path) -> Result<Option<String>, StepError> {
    let refused = |why: String| {
        StepError::user("bad-outputs", format!("`$SUHO_OUT/{OUTPUTS}` cannot be read: {why}"))
    };
    let file = match open(folder, OUTPUTS) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(refused(error.to_string())),
    };
    let mut bytes = Vec::new();
    let read = file.take(BYTES_MAX.saturating_add(1)).read_to_end(&mut bytes);
    read.map_err(|error| refused(error.to_string()))?;
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > BYTES_MAX {
        let message = format!("`{OUTPUTS}` is larger than 1 MiB");
        return Err(StepError::user("too-large", message)
            .help("write what is large to a file in `$SUHO_OUT` and give back its name"));
    }
    String::from_utf8(bytes).map(Some).map_err(|_| refused("it is not UTF-8".to_owned()))
}

/// Opens the regular file `name` in `folder`. No link is followed: a script could point one
/// anywhere, and the shim reads more than the script may.
fn open(folder: &Path, name: &str) -> io::Result<File> {
    let outer = File::open(folder)?;
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let within = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS;
    let file = File::from(rustix::fs::openat2(outer, name, flags, Mode::empty(), within)?);
    if file.metadata()?.is_file() { Ok(file) } else { Err(io::Error::other("it is no plain file")) }
}

/// Keeps the file `name` of `folder` in `artifacts` under what it holds: `files/DIGEST/NAME`. One
/// that is there already stays.
fn keep(folder: &Path, name: &str, artifacts: &Path) -> Result<String, String> {
    let said = |error: io::Error| format!("`{name}`: {error}");
    let last = Path::new(name).components().next_back();
    let Some(Component::Normal(plain)) = last else { return Err(format!("`{name}` is no file")) };
    if !artifacts.is_absolute() {
        return Err(format!(
            "this suho keeps files of scripts only in a folder, not in `{}`",
            artifacts.display()
        ));
    }
    let mut file = open(folder, name).map_err(said)?;
    let digest = Digest::of_stream(&mut file).map_err(said)?;
    let home = Path::new("files").join(digest.hex());
    let place = artifacts.join(&home);
    let to = place.join(plain);
    let put = || -> io::Result<()> {
        fs::create_dir_all(&place)?;
        if to.exists() {
            return Ok(());
        }
        // The copy gets its name when it is whole.
        let part = place.join(format!(".{}.part", std::process::id()));
        let mut copy = File::create(&part)?;
        io::copy(&mut open(folder, name)?, &mut copy)?;
        copy.sync_all()?;
        fs::rename(&part, &to)?;
        File::open(&place)?.sync_all()
    };
    put().map_err(said)?;
    Ok(home.join(plain).to_string_lossy().into_owned())
}

/// A line of shell that gives back what is declared.
fn example(exec: &Exec) -> String {
    let fields: Vec<_> =
        exec.outputs.iter().map(|(name, shape)| format!("\"{name}\": {}", sample(shape))).collect();
    format!("write it as JSON, as in {{ {} }}", fields.join(", "))
}

fn sample(shape: &Shape) -> String {
    let text = |text: &str| format!("\"{text}\"");
    match shape {
        Shape::Bool => "true".to_owned(),
        Shape::Int => "3".to_owned(),
        Shape::Float => "0.5".to_owned(),
        Shape::Text => text("…"),
        Shape::File => text("rows.csv"),
        Shape::Ratio => text("10%"),
        Shape::Points => text("5pp"),
        Shape::Duration => text("48h"),
        Shape::Period => text("2y"),
        Shape::Date => text("2025-01-31"),
        Shape::Instant => text("2025-01-31T10:00:00Z"),
        Shape::Money => text("40 USD"),
        Shape::Pips => text("0.8pip"),
        Shape::Bytes => text("16MiB"),
        Shape::Version => text("v1.0.0"),
        Shape::Word(words) => text(words.first().map_or("", String::as_str)),
        Shape::Range(of) => format!("{{\"start\": {0}, \"end\": {0}}}", sample(of)),
        Shape::List(of) => format!("[{}]", sample(of)),
        Shape::Map(_) | Shape::Fields(_) => "{ … }".to_owned(),
        Shape::Optional(of) => sample(of),
    }
}

#[cfg(test)]
mod tests;
