//! The language corpus: each `tests/lang/*.suho` holds, below each line, what the checker says of
//! it. It runs against the real prelude and builds nothing of the engine.
//!
//! `BLESS=1` redraws the files; a person reads the diff.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use expect_test::{Expect, expect};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{LazyLock, Mutex, PoisonError};
use suho_check::program::{Access, Cause, Course, Expr, Program};
use suho_check::{Cache, Checked, Severity, World, check_with};
use suho_domain::Name;

/// The prelude as it is, the corpus' own files, and a catalogue of the features it speaks of.
struct Corpus;

impl World for Corpus {
    fn prelude(&self) -> Vec<(String, String)> {
        let name = |path: &PathBuf| path.file_name().unwrap().to_str().unwrap().to_owned();
        let files = files(&root().join("stdlib/prelude"));
        files.iter().map(|path| (name(path), read(path))).collect()
    }

    fn read(&self, _from: &str, path: &str) -> Result<(String, String), String> {
        let file = path.trim_start_matches("./");
        let text = std::fs::read_to_string(root().join("tests/lang/used").join(file));
        text.map(|text| (file.to_owned(), text)).map_err(|_| "there is no such file".to_owned())
    }

    fn features(&self) -> Option<Vec<String>> {
        let names = "close rsi_14 macd_histogram bb_percent_b atr_14 volume_ratio adx_14 stoch_k \
                     volume_z_20";
        Some(names.split_whitespace().map(str::to_owned).collect())
    }
}

/// Checks `entry` against [`Corpus`], whose prelude is read once for all tests of this process.
fn check(entry: &[(String, String)]) -> Checked {
    static CACHE: LazyLock<Mutex<Cache>> = LazyLock::new(Mutex::default);
    let mut cache = CACHE.lock().unwrap_or_else(PoisonError::into_inner);
    check_with(entry, &Corpus, &mut cache)
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap()
}

/// The `.suho` files of `folder`, in order.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = folder.read_dir().unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = entries.filter(|path| path.extension().is_some()).collect();
    files.sort();
    files
}

/// Line from 0 and column from 1 of the byte `at`.
fn place(text: &str, at: usize) -> (usize, usize) {
    let before = text.get(..at).unwrap();
    let line = before.rsplit('\n').next().unwrap();
    (before.matches('\n').count(), line.chars().count() + 1)
}

/// Below each line of `source`, what was found there: `#! error[code] 8-19: message; help`.
fn annotate(source: &str, checked: &Checked) -> String {
    let mut annotated = String::new();
    for (number, text) in source.lines().enumerate() {
        writeln!(annotated, "{text}").unwrap();
        let here = checked.diagnostics.iter().filter(|d| d.file.0 == 0);
        for d in here.filter(|d| place(source, d.span.start).0 == number) {
            let (_, from) = place(source, d.span.start);
            let (line, to) = place(source, d.span.end);
            let to = if line == number { to } else { text.chars().count() + 1 };
            let severity = if d.severity == Severity::Error { "error" } else { "warning" };
            write!(annotated, "#! {severity}[{}] {from}-{to}: {}", d.code, d.message).unwrap();
            if !d.label.is_empty() {
                write!(annotated, " ({})", d.label).unwrap();
            }
            for help in &d.help {
                write!(annotated, "; {}", help.message).unwrap();
                for edit in &help.edits {
                    write!(annotated, " => `{}`", edit.text.escape_debug()).unwrap();
                }
            }
            annotated.push('\n');
        }
    }
    annotated
}

/// The source alone: the file without its annotations.
fn bare(annotated: &str) -> String {
    let lines = annotated.lines().filter(|line| !line.starts_with("#!"));
    lines.map(|line| format!("{line}\n")).collect()
}

#[test]
fn the_checker_says_what_the_corpus_says() {
    let mut wrong = Vec::new();
    for path in files(&root().join("tests/lang")) {
        let expected = read(&path);
        let source = bare(&expected);
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let checked = check(&[(name, source.clone())]);
        let elsewhere: Vec<_> = checked.diagnostics.iter().filter(|d| d.file.0 != 0).collect();
        assert!(elsewhere.is_empty(), "{}: {elsewhere:#?}", path.display());
        let actual = annotate(&source, &checked);
        if actual == expected {
            continue;
        }
        if std::env::var_os("BLESS").is_some() {
            std::fs::write(&path, actual).unwrap();
        } else {
            wrong.push(format!("--- {}\n{actual}", path.display()));
        }
    }
    assert!(wrong.is_empty(), "not as the files say (BLESS=1 redraws them):\n{}", wrong.join("\n"));
}

/// The mistakes planted in `planted.suho`: the line of each, and what is said of it.
const PLANTED: [(usize, &str); 10] = [
    (4, "expected a value after `+`"),
    (6, "expected a name after `.`"),
    (7, "two `=`; remove one"),
    (9, "`(` of `lstm(` at 9:19 is not closed"),
    (10, "attributes use `=`; write `seed = 42`"),
    (13, "unknown operator `>>`; did you mean `>`?"),
    (15, "unknown word `requre`; did you mean `require`?"),
    (19, "unexpected `fro`; did you mean `for`?"),
    (20, "`{` of `canary tenth` is not closed before `monitor`"),
    (20, "`{` of `pipeline fx` is not closed before `monitor`"),
];

#[test]
fn ten_planted_mistakes_are_found_each_on_its_line() {
    let text = bare(&read(&root().join("tests/lang/planted.suho")));
    let checked = check(&[("planted.suho".to_owned(), text.clone())]);
    let of_syntax = checked.diagnostics.iter();
    let of_syntax = of_syntax.filter(|it| ["syntax", "unclosed-block"].contains(&it.code));
    let found: Vec<(usize, &str)> =
        of_syntax.map(|it| (place(&text, it.span.start).0 + 1, &*it.message)).collect();
    assert_eq!(found, PLANTED);
}

#[test]
fn every_code_has_a_page_and_a_file_that_raises_it() {
    let corpus: String = files(&root().join("tests/lang")).iter().map(|path| read(path)).collect();
    for code in suho_check::CODES {
        assert!(suho_check::explain(code).is_some_and(|page| page.starts_with("# ")), "{code}");
        // These need a broken library, or more errors than one wants to read.
        if !["prelude", "more-errors"].contains(&code) {
            assert!(corpus.contains(&format!("[{code}] ")), "no file raises `{code}`");
        }
    }
}

#[test]
fn the_quickstart_has_nothing_wrong() {
    let folder = root().join("examples/quickstart");
    let file = |name: &str| (name.to_owned(), read(&folder.join(name)));
    let entry = ["pipeline.suho", "project.suho", "model.suho"].map(file);
    let checked = check(&entry);
    assert_eq!(checked.diagnostics, []);
    let pipeline = &checked.program.pipelines["quickstart"];
    assert_eq!(pipeline.steps.len(), 12);
    let step = |name: &str| pipeline.steps.iter().find(|step| step.name.as_str() == name).unwrap();
    let needs = |name: &str| -> Vec<&str> { step(name).needs.iter().map(Name::as_str).collect() };
    assert_eq!(needs("data"), [""; 0]);
    assert_eq!(needs("candidate"), ["baseline", "data"]);
    assert_eq!(needs("acceptance"), ["bt", "candidate", "leaks", "probe", "quality"]);
    assert_eq!(needs("tenth"), ["baseline", "staging"]);
    assert_eq!(step("tenth").rules.len(), 6);
    assert_eq!(step("tenth").rules[5].text, "hold when events < min_events for 36h");
}

/// The `.suho` files below `folder`, named relative to it; the state that a run left is no text.
fn project(folder: &Path) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(path) = open.pop() {
        if path.ends_with(".suho") {
            continue;
        }
        if path.is_dir() {
            open.extend(path.read_dir().unwrap().map(|entry| entry.unwrap().path()));
        } else if path.extension().is_some_and(|kind| kind == "suho") {
            let name = path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
            found.push((name, read(&path)));
        }
    }
    found.sort();
    found
}

#[test]
fn our_own_pipelines_have_nothing_wrong_and_are_formatted() {
    let examples = root().join("examples").read_dir().unwrap();
    let folders = examples.map(|entry| entry.unwrap().path());
    let folders = folders.chain(["pipelines", "stdlib/prelude"].map(|name| root().join(name)));
    let mut said = String::new();
    for folder in folders.filter(|path| path.is_dir()) {
        let files = project(&folder);
        // The prelude is checked with everything else.
        let checked = check(if folder.ends_with("prelude") { &[] } else { &files });
        for found in &checked.diagnostics {
            let (name, text) = &checked.sources[found.file.0];
            let line = place(text, found.span.start).0 + 1;
            writeln!(said, "{}/{name}:{line}: {}: {}", folder.display(), found.code, found.message)
                .unwrap();
        }
        for (name, text) in &files {
            let formatted = suho_syntax::format(text);
            if formatted.text != *text && std::env::var_os("BLESS").is_some() {
                std::fs::write(folder.join(name), formatted.text).unwrap();
            } else if formatted.text != *text {
                writeln!(said, "{}/{name} is not formatted", folder.display()).unwrap();
            }
        }
    }
    assert!(said.is_empty(), "\n{said}");
}

/// An expression in a line, near to how it was written.
fn said(expr: &Expr) -> String {
    let list = |items: Vec<String>| items.join(", ");
    let each = |fields: &std::collections::BTreeMap<String, Expr>| {
        list(fields.iter().map(|(name, field)| format!("{name}: {}", said(field))).collect())
    };
    match expr {
        Expr::Value(value) => value.to_string(),
        Expr::Live(name) => format!("live {name}"),
        Expr::Param(name) | Expr::Bound(name) => name.to_string(),
        Expr::Output { step, path } => {
            let path: Vec<&str> = path.iter().map(|access| &*access.field).collect();
            [&[step.as_str()], path.as_slice()].concat().join(".")
        }
        Expr::Call(name, args) => {
            format!("{name}({})", list(args.iter().map(|(_, arg)| said(arg)).collect()))
        }
        Expr::Binary(op, sides) => format!("({} {op:?} {})", said(&sides.0), said(&sides.1)),
        Expr::Variant(name, fields) => format!("{name}({})", each(fields)),
        Expr::Record(fields) => format!("{{{}}}", each(fields)),
        Expr::Text(parts) => list(parts.iter().map(said).collect()),
        Expr::Field(base, access) => format!("{}.{}", said(base), access.field),
        other => format!("{other:?}"),
    }
}

/// Every monitor and what it watches for.
fn monitors(program: &Program, text: &mut String) {
    for (name, monitor) in &program.monitors {
        let model = monitor.attributes.get("model").map_or_else(String::new, said);
        writeln!(text, "monitor {name} of {model}").unwrap();
        for watch in &monitor.watches {
            let lasting = watch.fire.lasting.as_ref().map_or_else(String::new, said);
            let fire = said(&watch.fire.condition);
            writeln!(text, "  {} {}: {fire} for {lasting}", watch.kind, watch.name).unwrap();
            if let Some(resolve) = &watch.resolve {
                writeln!(text, "    until {}", said(&resolve.condition)).unwrap();
            }
            for name in ["min_events", "min_requests", "keep_firing", "do"] {
                if let Some(attribute) = watch.attributes.get(name) {
                    writeln!(text, "    {name} = {}", said(attribute)).unwrap();
                }
            }
        }
    }
}

/// Every trigger and matrix, and what they run.
fn starts(program: &Program, text: &mut String) {
    for (name, trigger) in &program.triggers {
        let on = match &trigger.on {
            Cause::Time(times) => times.to_string(),
            on => format!("{on:?}"),
        };
        writeln!(text, "trigger {name}: {on}").unwrap();
        let arguments = trigger.run.arguments.iter().filter(|(name, _)| name.as_str() != "spec");
        let arguments: Vec<String> =
            arguments.map(|(name, value)| format!("{name}: {}", said(value))).collect();
        let cooldown = trigger.attributes.get("cooldown").map_or_else(String::new, said);
        let run = format!("{}({})", trigger.run.pipeline, arguments.join(", "));
        writeln!(text, "  {run} cooldown {cooldown}").unwrap();
    }
    for (name, matrix) in &program.matrices {
        let keys: Vec<&str> = matrix.cells.iter().map(|cell| &*cell.key).collect();
        let keys = keys.join(" ");
        writeln!(text, "matrix {name}, {:?} at a time: {keys}", matrix.parallel).unwrap();
    }
}

/// Every test: what is given, what is expected.
fn scenarios(program: &Program, text: &mut String) {
    for test in &program.tests {
        writeln!(text, "test {} of {}", test.name, test.run.pipeline).unwrap();
        for given in &test.givens {
            let course = match &given.course {
                Course::Always(value) => said(value),
                Course::Any(of) => format!("any of {}", said(of)),
                Course::Missing { from, to } => format!("missing from {from} to {to}"),
                Course::Series(points) => {
                    let each = points.iter().map(|(time, it)| format!("{time}: {}", said(it)));
                    each.collect::<Vec<_>>().join(", ")
                }
            };
            writeln!(text, "  {} {}: {course}", given.step, given.path.join(".")).unwrap();
        }
        for expectation in &test.expectations {
            let word = if expectation.is_invariant { "always" } else { "then" };
            let at = expectation.at.map_or_else(String::new, |at| format!(" at {at}"));
            writeln!(text, "  {word} {}{at}", said(&expectation.condition)).unwrap();
        }
    }
}

#[test]
fn our_own_pipelines_come_to_what_they_say() {
    let program = check(&project(&root().join("pipelines"))).program;
    let mut text = String::new();
    monitors(&program, &mut text);
    starts(&program, &mut text);
    scenarios(&program, &mut text);
    for secret in &program.secrets {
        writeln!(text, "secret {}: {} in {}", secret.name, secret.ty, secret.source.name).unwrap();
    }
    for step in program.pipelines.values().flat_map(|pipeline| &pipeline.steps) {
        if let Some(exec) = &step.exec {
            writeln!(text, "{} by {}", step.name, said(exec)).unwrap();
        }
    }
    // One long list, drawn again by `UPDATE_EXPECT=1`.
    OWN.assert_eq(&text);
}

/// What our own pipelines come to.
static OWN: LazyLock<Expect> = LazyLock::new(|| {
    expect![[r#"
        monitor everybodys of production(name: platform_lstm, scope: platform, symbol: none, timeframe: none)
          alert silent: (over(live requests, 1h) Equal 0) for 30m
            keep_firing = 0s
          alert unreachable: (over(live uptime, 15m) Less 99%) for 15m
            keep_firing = 0s
          drift moved: (live verdict Equal drift) for 
            min_events = 60
        monitor prod of production(name: eurusd_lstm_1h, scope: tenant(tenant: tenant_001), symbol: none, timeframe: none)
          alert accuracy_drop: (over(live accuracy, 7d) Less (live reference.accuracy Multiply 90%)) for 6h
            min_events = 100
            keep_firing = 24h
          alert high_latency: (over(live latency.p95, 5m) Greater 500ms) for 10m
            until (over(live latency.p95, 5m) Less 400ms)
            min_requests = 50
            keep_firing = 0s
            do = scale(by: 2, service: inference)
          alert high_error_rate: (over(live error_rate, 5m) Greater 5%) for 3m
            min_requests = 50
            keep_firing = 0s
            do = rollback
          drift feature_drift: (live verdict Equal drift) for 
            min_events = 60
        trigger by_hand: Manual { roles: ["ml_engineer"], ask: [Name("window"), Name("bump")] }
          fx_lstm() cooldown 
        trigger degraded: Fired { monitor: Name("prod"), watch: Name("accuracy_drop") }
          fx_lstm(bump: patch, window: last(2y)) cooldown 3d
        trigger drifted: Fired { monitor: Name("prod"), watch: Name("feature_drift") }
          fx_lstm(bump: patch, window: last(2y)) cooldown 7d
        trigger monthly: cron("0 3 1 * *")
          fx_lstm(bump: patch, window: last(2y)) cooldown 
        trigger platform_moved: Fired { monitor: Name("everybodys"), watch: Name("moved") }
          platform_baseline() cooldown 7d
        trigger pushed: Push { branch: "main", paths: ["pipelines/**"] }
          fx_lstm() cooldown 
        matrix majors, Some(2) at a time: spec=eurusd_lstm_1h spec=eurusd_lstm_4h spec=gbpusd_lstm_1h spec=gbpusd_lstm_4h spec=xauusd_lstm_4h
        test a healthy model reaches production of fx_lstm
          baseline accuracy: 65%
          quality accuracy: 66%
          bt sharpe: 1.4
          bt max_drawdown: 12%
          leaks findings: 0
          probe latency.p95: 140ms
          api passed: true
          tenth live.accuracy: 66%
          tenth live.latency.p95: 150ms
          tenth live.error_rate: 0.1%
          tenth live.uptime: 99.99%
          tenth live.requests: 4000
          then (live.status Equal succeeded)
          then (baseline.status Equal archived)
        test canary rolls back five minutes after errors pass 5% of fx_lstm
          api passed: true
          tenth live.error_rate: 0s: 0.2%, 7h: 9%
          then (tenth.status Equal rolled_back) at 7h5m
          then (rollout.status Equal not_run)
          then (traffic(candidate.model) Equal 0%)
          then notified({ name = oncall, throttle = 15m, to = pagerduty(service: ml-platform) })
        test nothing that fails acceptance ever takes traffic of fx_lstm
          api passed: true
          bt max_drawdown: any of 0% .. 60%
          bt sharpe: any of -2 .. 4
          quality accuracy: any of 30% .. 90%
          always ((max_traffic(candidate.model) Equal 0%) Or ((bt.sharpe Greater 1) And (bt.max_drawdown Less 20%)))
        test the first model of all has nothing to be held against of platform_baseline
          baseline : none
          quality accuracy: 41%
          bt max_drawdown: 9%
          leaks findings: 0
          then (live run Equal succeeded)
          then (traffic(candidate.model) Equal 100%)
        test the first model that is worse than naming the commonest class is refused of platform_baseline
          baseline : none
          quality accuracy: 35%
          quality majority: 40%
          then (acceptance.status Equal rejected)
          then (live run Equal rejected)
          then (traffic(candidate.model) Equal 0%)
        test promotion comes when it was planned: shadow 24 h, canary 52 h 30 min, ramp 24 h of fx_lstm
          api passed: true
          then (staging.status Equal succeeded) at 24h
          then (tenth.status Equal succeeded) at 52h30m
          then (rollout.status Equal succeeded) at 24h
          then (live run Equal succeeded) at 4d4h30m
          then (traffic(candidate.model) Equal 25%) at 3d10h30m
        test a canary that has to show more than no harm takes the time that it needs of platform_baseline
          baseline accuracy: 40%
          trial live.accuracy: 60%
          then (trial.status Equal succeeded)
          then (live run Equal succeeded)
        test a canary that cannot show what it has to is taken back of platform_baseline
          baseline accuracy: 65%
          trial live.accuracy: 20%
          then (trial.status Equal rolled_back)
          then (traffic(candidate.model) Equal 0%)
          then notified({ name = desk, throttle = 15m, to = slack(webhook: env(name: SUHO_SLACK_URL)) })
        test slow answers, once they are slow for ten minutes of fx_lstm
          api passed: true
          tenth live.latency.p95: 0s: 150ms, 9h: 700ms
          then (tenth.status Equal rolled_back) at 9h10m
          then notified({ name = desk, throttle = 15m, to = slack(webhook: env(name: SUHO_SLACK_URL)) })
        test too few events hold a canary for as long as there are too few of fx_lstm
          api passed: true
          tenth live.events: 0s: 0, 60h: 48
          then (tenth.status NotEqual rolled_back)
          then (live run Equal succeeded)
        test without the error rate nobody can say that it is low of fx_lstm
          api passed: true
          tenth live.error_rate: missing from 0s to 365d
          then (tenth.status NotEqual succeeded)
          then (rollout.status Equal not_run)
          then (traffic(candidate.model) Equal 0%)
        test endpoints that do not answer keep the model from being shown anything of fx_lstm
          api passed: false
          then (staging.status Equal skipped)
          always (max_traffic(candidate.model) Equal 0%)
        test a hole in the numbers is not a good number of platform_baseline
          trial live.error_rate: missing from 3h to 5h
          baseline accuracy: 43%
          trial live.accuracy: 0s: 44%, 12h: 45%
          then (trial.status NotEqual rolled_back)
        test a crash and an outage change nothing but the time it takes of platform_baseline
          baseline accuracy: 40%
          quality accuracy: any of [38%, 41%, 60%]
          then (live run NotEqual failed)
          then (candidate.status Equal succeeded)
          always (max_traffic(candidate.model) LessOrEqual 100%)
        secret slack_url: Url in env
        secret warehouse_password: Text in vault
        api by container(command: [pytest, -q, tests/integration], env: {ENDPOINT: http://inference.staging:8080, MODEL_ID: acceptance.model.id, RETRIES: 0}, image: registry.local/suho/itest@sha256:0d1f6a4c2b7e9f3a5d8c1b0e7f6a9d2c4b5e8f1a3c6d9b2e5f8a1c4d7b0e3f6a)
        lint_configs by shell(env: {  }, image: python@sha256:9b2e5f8a1c4d7b0e3f6a0d1f6a4c2b7e9f3a5d8c1b0e7f6a9d2c4b5e8f1a3c6d, script: python scripts/validate.py configs/
        )
        rows by shell(env: {FROM: window.start, SYMBOL: EUR/USD, TO: window.end}, image: none, script: python scripts/export_training_data.py \
            --symbol "$SYMBOL" --start-date "$FROM" --end-date "$TO" --output "$SUHO_OUT/rows.parquet"
        )
        tell_pm by http(headers: {  }, json: {rows: rows.rows}, method: post, url: https://pm.internal/hooks/export)
    "#]]
});

/// What an alert with this rule, and nothing else said, comes to.
fn alert(rule: &str) -> String {
    let text = format!(
        "edition 2026\nuse std.ops\nmonitor m {{\n  model = production(\"x\")\n  alert a {{\n    \
         fire when {rule}\n  }}\n}}\n"
    );
    let checked = check(&[("m.suho".to_owned(), text)]);
    assert_eq!(checked.diagnostics, [], "{rule}");
    let monitor = checked.program.monitors.get("m").unwrap();
    let watch = monitor.watches.first().unwrap();
    let resolve = watch.resolve.as_ref().map(|it| said(&it.condition));
    let enough = ["min_events", "min_requests"].map(|name| watch.attributes.get(name).map(said));
    let lasting = watch.fire.lasting.as_ref().map(said);
    format!("{} for {lasting:?} until {resolve:?} of {enough:?}", said(&watch.fire.condition))
}

#[test]
fn an_alert_takes_what_it_does_not_say_from_its_metric() {
    let rules = [
        "accuracy < reference.accuracy * 90%",
        "latency.p95 > 500ms",
        "error_rate > 5%",
        "requests == 0 for 1h",
        "accuracy over 1d < 40% or latency.max > 2s for 1m",
    ];
    let text: String = rules.iter().map(|rule| format!("{}\n", alert(rule))).collect();
    expect![[r#"
        (over(live accuracy, 7d) Less (live reference.accuracy Multiply 90%)) for Some("6h") until None of [Some("100"), None]
        (over(live latency.p95, 5m) Greater 500ms) for Some("10m") until Some("(over(live latency.p95, 5m) Less 400ms)") of [None, Some("50")]
        (over(live error_rate, 5m) Greater 5%) for Some("3m") until None of [None, Some("50")]
        (over(live requests, 5m) Equal 0) for Some("1h") until None of [None, None]
        ((over(live accuracy, 24h) Less 40%) Or (over(live latency.max, 5m) Greater 2s)) for Some("1m") until None of [Some("100"), None]
    "#]].assert_eq(&text);
}

#[test]
fn what_is_kept_between_checks_changes_nothing_but_the_time() {
    let files = |name: &str| project(&root().join(name));
    let own = "edition 2026\nstep own {\n  exec = shell(\"\"\"\n    true\n    \"\"\")\n}\n";
    let own = vec![("own.suho".to_owned(), own.to_owned())];
    let mut cache = Cache::default();
    let orders =
        [&own, &files("pipelines"), &own, &files("examples/quickstart"), &files("pipelines")];
    for entry in orders {
        let kept = check_with(entry, &Corpus, &mut cache);
        let fresh = suho_check::check(entry, &Corpus);
        assert_eq!(kept.diagnostics, fresh.diagnostics);
        assert_eq!(kept.program, fresh.program);
        assert_eq!(kept.library, fresh.library);
        assert_eq!(kept.sources, fresh.sources);
    }
}

#[test]
fn a_secret_is_the_place_where_it_is_kept() {
    let program = check(&project(&root().join("pipelines"))).program;
    let value = |name: &str| {
        let found = program.resources.iter().find(|resource| resource.name.as_str() == name);
        said(&found.unwrap().value)
    };
    let channel = "{ name = desk, throttle = 15m, to = slack(webhook: env(name: SUHO_SLACK_URL)) }";
    assert_eq!(value("desk"), channel);
    assert!(value("warehouse").contains("password = vault(path: kv/ml/clickhouse#password)"));
    let registry = said(&program.environments["prod"]["registry"]);
    assert_eq!(registry, "postgres(url: env(name: SUHO_DATABASE_URL))");
}

#[test]
fn days_begin_in_the_zone_of_the_pipeline_or_of_the_project() {
    let context = read(&root().join("tests/lang/used/context.suho"));
    let window = "\n  backtest past {\n    model = candidate.model\n    costs = retail\n    \
                  window = 2024-12-01 .. 2025-07-01\n  }\n}\n";
    let windows = |attribute: &str, project: &str| {
        let open = context.trim_end().strip_suffix('}').unwrap();
        let text = open.replace(" = direction) {", &format!(" = direction) {{\n  {attribute}"));
        let project = format!("edition 2026\nproject p {{\n  {project}\n}}\n");
        let entry = [("p.suho", project), ("a.suho", format!("{text}{window}"))];
        let checked = check(&entry.map(|(name, text)| (name.to_owned(), text)));
        assert_eq!(checked.diagnostics, []);
        let steps = &checked.program.pipelines["example"].steps;
        let past = steps.iter().find(|step| step.name.as_str() == "past").unwrap();
        said(&past.inputs["window"])
    };
    let berlin = "2024-11-30T23:00:00Z .. 2025-06-30T22:00:00Z";
    assert_eq!(windows("", ""), "2024-12-01T00:00:00Z .. 2025-07-01T00:00:00Z");
    assert_eq!(windows("timezone = \"Europe/Berlin\"", ""), berlin);
    assert_eq!(windows("", "timezone = \"Europe/Berlin\""), berlin);
    assert_eq!(windows("timezone = \"Europe/Berlin\"", "timezone = \"Asia/Tokyo\""), berlin);
}

#[test]
fn what_is_left_open_follows_from_what_flows() {
    let folder = root().join("examples/quickstart");
    let file = |name: &str| (name.to_owned(), read(&folder.join(name)));
    let checked = check(&["pipeline.suho", "model.suho"].map(file));
    let pipeline = &checked.program.pipelines["quickstart"];
    let input = |step: &str, name: &str| {
        let step = pipeline.steps.iter().find(|each| each.name.as_str() == step).unwrap();
        step.inputs[name].clone()
    };
    let spec = |path: &[&str]| {
        path.iter().fold(Expr::Param(Name::new("spec").unwrap()), |base, field| {
            let access = Access { field: (*field).to_owned(), optional: false };
            Expr::Field(Box::new(base), access)
        })
    };
    assert_eq!(input("data", "horizon"), spec(&["target", "horizon"]));
    assert_eq!(input("data", "label"), spec(&["label"]));
    assert_eq!(input("baseline", "timeframe"), spec(&["target", "timeframe"]));
    let data = Expr::Output { step: Name::new("data").unwrap(), path: Vec::new() };
    assert_eq!(input("bt", "data"), data);
    assert_eq!(input("probe", "data"), data);
}

/// Where the fragments of pages stand: everything they may speak of, before the closing brace.
fn whole(fragment: &str) -> String {
    if fragment.starts_with("edition") || fragment.starts_with("project") {
        return fragment.to_owned();
    }
    let context = read(&root().join("tests/lang/used/context.suho"));
    let open = context.trim_end().strip_suffix('}').unwrap();
    format!("{open}\n{fragment}}}\n")
}

/// The block fenced as `suho KIND` in `page`.
fn example(page: &str, kind: &str) -> Option<String> {
    let (_, rest) = page.split_once(&format!("```suho {kind}\n"))?;
    rest.split_once("```").map(|(text, _)| text.to_owned())
}

#[test]
fn the_examples_of_every_page_are_as_wrong_and_as_right_as_it_says() {
    let mut lies = Vec::new();
    for code in suho_check::CODES {
        let page = suho_check::explain(code).unwrap();
        let (Some(wrong), Some(right)) = (example(page, "wrong"), example(page, "right")) else {
            assert!(["prelude", "more-errors"].contains(&code), "`{code}` has no examples");
            continue;
        };
        let found = |text: &str| {
            let checked = check(&[("page.suho".to_owned(), whole(text))]);
            let codes = checked.diagnostics.iter();
            codes.map(|d| format!("{}: {}", d.code, d.message)).collect::<Vec<_>>()
        };
        let of_wrong = found(&wrong);
        let raises = of_wrong.iter().any(|each| each.starts_with(&format!("{code}: ")));
        if !raises {
            lies.push(format!("the wrong example of `{code}` gives {of_wrong:?}"));
        }
        // A fragment ends where its page does: what it makes may go nowhere.
        let mut of_right = found(&right);
        of_right.retain(|each| code == "unused-output" || !each.starts_with("unused-output: "));
        if !of_right.is_empty() {
            lies.push(format!("the right example of `{code}` gives {of_right:?}"));
        }
    }
    assert!(lies.is_empty(), "{}", lies.join("\n"));
}

#[test]
fn what_can_be_mended_of_the_examples_of_every_page_is_mended() {
    for code in suho_check::CODES {
        let page = suho_check::explain(code).unwrap();
        let Some(wrong) = example(page, "wrong") else { continue };
        let entry = [("page.suho".to_owned(), whole(&wrong))];
        let before = check(&entry).diagnostics;
        let after = suho_check::fix(&entry, &Corpus).checked.diagnostics;
        let can = before.iter().filter(|d| suho_syntax::only_fix(&d.help).is_some());
        for mended in can.filter(|d| d.code == code) {
            let same = after.iter().find(|d| (d.code, &d.message) == (code, &mended.message));
            assert_eq!(same, None, "{code}");
        }
    }
}

#[test]
fn a_pipeline_that_lacks_a_line_or_ends_early_is_still_answered() {
    let folder = root().join("examples/quickstart");
    let text = read(&folder.join("pipeline.suho"));
    let model = ("model.suho".to_owned(), read(&folder.join("model.suho")));
    let lines: Vec<&str> = text.lines().collect();
    // Every seventh: each place in a block comes up, in a few seconds.
    for cut in (0..lines.len()).step_by(7) {
        let (before, after) = lines.split_at(cut);
        let lacking = [before, &after[1..]].concat().join("\n");
        for text in [lacking, before.join("\n")] {
            let entry = [("pipeline.suho".to_owned(), text), model.clone()];
            let checked = check(&entry);
            for diagnostic in &checked.diagnostics {
                let (_, text) = &checked.sources[diagnostic.file.0];
                let (start, end) = (diagnostic.span.start, diagnostic.span.end);
                assert!(text.get(start..end).is_some(), "line {cut}: {diagnostic:?}");
            }
        }
    }
}
