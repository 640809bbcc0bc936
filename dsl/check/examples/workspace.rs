//! Writes a workspace of so many files and lines, and says how much processor time checking it takes.
//!
//! `cargo run --release -p suho-check --example workspace -- DIR FILES LINES`
//!
//! Every file gives a model and a pipeline and uses the model of the file before it.

#![expect(clippy::print_stdout, reason = "an example says what it found")]

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;
use suho_check::{Cache, Severity, World, check_with};

type Failure = Box<dyn std::error::Error>;
type Texts = Vec<(String, String)>;

/// How often each is measured; the fastest counts.
const ROUNDS: usize = 5;

/// The prelude as it lies in the source tree; files of the workspace are all given.
struct Tree {
    prelude: Texts,
}

impl World for Tree {
    fn prelude(&self) -> Texts {
        self.prelude.clone()
    }

    fn read(&self, _from: &str, path: &str) -> Result<(String, String), String> {
        Err(format!("`{path}` is not among the files"))
    }

    fn features(&self) -> Option<Vec<String>> {
        None
    }
}

fn main() -> Result<(), Failure> {
    let mut args = std::env::args().skip(1);
    let (Some(folder), Some(files), Some(lines)) = (args.next(), args.next(), args.next()) else {
        return Err("give a folder, how many files and how many lines".into());
    };
    let texts = written(&PathBuf::from(folder), files.parse()?, lines.parse()?)?;
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../stdlib/prelude");
    let world = Tree { prelude: read(&folder)? };
    let lines: usize = texts.iter().map(|(_, text)| text.lines().count()).sum();
    let bytes: usize = texts.iter().map(|(_, text)| text.len()).sum();
    println!("{} files, {lines} lines, {bytes} bytes", texts.len());

    let parsed = fastest(|| {
        texts.iter().map(|(_, text)| suho_syntax::parse(text).errors.len()).sum::<usize>()
    });
    println!("reading alone     {parsed:?}");
    let whole = fastest(|| {
        let checked = check_with(&texts, &world, &mut Cache::default());
        checked.diagnostics.iter().filter(|it| it.severity == Severity::Error).count()
    });
    println!("check             {whole:?}");
    let mut cache = Cache::default();
    check_with(&texts, &world, &mut cache);
    let again = fastest(|| check_with(&texts, &world, &mut cache).diagnostics.len());
    println!("check, all cached {again:?}");
    Ok(())
}

/// The fastest of some rounds; a workspace with a mistake in it is not worth measuring.
fn fastest(mut round: impl FnMut() -> usize) -> Duration {
    let rounds = (0..ROUNDS).map(|_| {
        let begun = spent();
        assert_eq!(round(), 0, "the workspace has mistakes");
        spent().saturating_sub(begun)
    });
    rounds.min().unwrap_or_default()
}

/// The processor time that this thread has had, as Linux tells it; nothing elsewhere.
fn spent() -> Duration {
    let told = fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanos = told.split_whitespace().next().and_then(|nanos| nanos.parse().ok());
    Duration::from_nanos(nanos.unwrap_or_default())
}

fn read(folder: &Path) -> Result<Texts, Failure> {
    let mut texts = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().map(|name| name.display().to_string()).unwrap_or_default();
        texts.push((name, fs::read_to_string(path)?));
    }
    texts.sort();
    Ok(texts)
}

/// Writes the workspace into `folder`, and answers its texts.
fn written(folder: &Path, files: usize, lines: usize) -> Result<Texts, Failure> {
    fs::create_dir_all(folder)?;
    let each = lines / files.max(1);
    let mut texts = Vec::new();
    for number in 0..files {
        let text = file(number, each)?;
        let name = format!("pipeline_{number}.suho");
        fs::write(folder.join(&name), &text)?;
        texts.push((name, text));
    }
    Ok(texts)
}

/// The text of one file of about `lines` lines.
fn file(number: usize, lines: usize) -> Result<String, std::fmt::Error> {
    let mut text = String::from("edition 2026\n\nuse std.ml\nuse std.rollout\n");
    let (model, mut own) = (format!("model_{number}"), String::new());
    if let Some(before) = number.checked_sub(1) {
        writeln!(text, "use \"./pipeline_{before}.suho\" {{ model_{before} }}")?;
        write!(own, "\nlet before_{number} = model_{before}.target.horizon\n")?;
    }
    write!(
        text,
        "{own}
/// What this file predicts.
model {model} {{
  target    = {{ symbol = \"EUR/USD\", timeframe = 1h, horizon = 4h }}
  features  = [\"close\", \"atr_14\"] + [for n in [7, 14, 21]: \"rsi_${{n}}\"]
  layers    = [lstm(units: 32, dropout: 20%), output(units: 3)]
  optimizer = adam(learning_rate: 0.001)
}}

/// Trains it and walks it to production.
pipeline train_{number}(spec: ModelSpec = {model}, share: Ratio = 10%) {{
  production baseline {{ model = spec.name }}

  dataset data {{
    source    = parquet(\"bars.parquet\")
    symbol    = spec.target.symbol
    timeframe = spec.target.timeframe
    features  = spec.features
  }}

  train candidate {{
    model          = spec with {{ optimizer = adam(learning_rate: 0.0005) }}
    train          = data.train
    validation     = data.validation
    early_stopping = patience(4, metric: val_loss)
    version        = next(baseline)
    retry          = {{ attempts = 2, on = [infrastructure] }}
  }}

  evaluate quality {{
    model   = candidate.model
    data    = data.test
    against = baseline
  }}

  gate acceptance {{
    model = candidate.model
    require quality.accuracy >= quality.baseline?.accuracy - 5pp
  }}

  shadow staging {{
    model    = acceptance.model
    against  = baseline
    duration = 24h
    require error_rate < 1%
  }}

  canary tenth {{
    model   = staging.model
    against = baseline
    share   = share
    require latency.p95 <= 250ms
    rollback when error_rate > 5% for 5m
  }}
"
    )?;
    filled_up(&mut text, lines)?;
    text.push_str("}\n");
    Ok(text)
}

/// Adds steps until there are about `lines` lines.
fn filled_up(text: &mut String, lines: usize) -> std::fmt::Result {
    let mut more = 0;
    while text.lines().count() + 6 < lines {
        more += 1;
        write!(
            text,
            "
  evaluate quality_{more} {{
    model = candidate.model
    data  = data.test
    when  = quality.accuracy > {more}% / 10
  }}
"
        )?;
    }
    Ok(())
}
