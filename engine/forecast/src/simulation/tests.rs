use super::*;
use expect_test::expect;
use std::path::{Path, PathBuf};
use suho_check::{World, check};

struct Repository;

impl Repository {
    fn file(path: &str) -> (String, String) {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let text = std::fs::read_to_string(root.join(path)).unwrap();
        (Path::new(path).file_name().unwrap().to_string_lossy().into_owned(), text)
    }
}

impl World for Repository {
    fn prelude(&self) -> Vec<(String, String)> {
        let files = ["core.suho", "ml.suho", "rollout.suho"];
        files.map(|name| Self::file(&format!("stdlib/prelude/{name}"))).into()
    }

    fn read(&self, _: &str, path: &str) -> Result<(String, String), String> {
        Ok(Self::file(&PathBuf::from("examples/quickstart").join(path).to_string_lossy()))
    }

    fn features(&self) -> Option<Vec<String>> {
        None
    }
}

/// The quickstart as it is.
pub(crate) fn checked_quickstart() -> suho_check::Checked {
    check(&[Repository::file("examples/quickstart/pipeline.suho")], &Repository)
}

/// The quickstart's canary, its text changed from `before` to `after`, under 12 requests a minute.
fn trial(before: &str, after: &str) -> Result<CanaryTrial, TrialError> {
    let (name, text) = Repository::file("examples/quickstart/pipeline.suho");
    assert!(text.contains(before), "the quickstart has no `{before}`");
    let checked = check(&[(name, text.replace(before, after))], &Repository);
    let plan = suho_plan::build(&checked.program, "quickstart", &[]).unwrap();
    let candidate = Candidate::of(&plan, "v1.0.0").unwrap().unwrap();
    canary_trial(&plan, &candidate, 12)
}

const SUPPOSED: Supposed = Supposed { discordance: None, autocorrelation: 0.2, accuracy: 0.5 };

#[test]
fn a_canary_is_played_as_it_is_planned() {
    let trial = trial("", "").unwrap();
    assert_eq!((trial.looks, trial.requests_per_event.get()), (4, 720));
    let game = trial.game(&SUPPOSED, -0.2).unwrap().defined().unwrap();
    expect![[r#"
        CanaryPlan {
            events: EventModel {
                block: BlockLength(
                    12,
                ),
                symbols: 1,
                discordance: 0.30000000000000004,
                effect: -0.2,
                autocorrelation: 0.2,
                correlation: 0.0,
            },
            looks: 4,
            alpha: Alpha(
                0.05,
            ),
            requests_per_event: 720,
            traffic: 0.1,
            accuracy: 0.5,
        }
    "#]]
    .assert_debug_eq(&game);
}

#[test]
fn what_the_author_writes_moves_the_game() {
    let longer = trial("duration   = 48h", "duration   = 96h").unwrap();
    assert_eq!(longer.looks, 8);
    let stricter = trial("group_sequential(alpha: 5%)", "group_sequential(alpha: 1%)").unwrap();
    let game = stricter.game(&SUPPOSED, 0.0).unwrap().defined().unwrap();
    assert!((game.alpha.get() - 0.01).abs() < 1e-12);
    assert!((trial("Ratio = 10%", "Ratio = 25%").unwrap().share.points()) == 2_500);
}

#[test]
fn two_blocks_are_too_few_to_say_anything() {
    let short = trial("duration   = 48h", "duration   = 24h").unwrap();
    let game = short.game(&SUPPOSED, 0.0).unwrap();
    assert_eq!(game.reason(), Some(Reason::TooFew { needed: 3, found: 2 }));
}

#[test]
fn a_confidence_sequence_is_not_played() {
    let text = "canary tenth {\n    model      = staging.model\n    against    = baseline\n    share      = share\n    duration   = 48h // market time\n    min_events = 30\n    require latency.p95 <= 250ms\n    require uptime >= 99.9%\n    compare accuracy {\n      test   = group_sequential(alpha: 5%)";
    let other = text.replace("48h", "360h").replace("group_sequential", "always_valid");
    let refused = trial(text, &other).unwrap_err();
    assert_eq!(refused.code(), "not-played", "{refused}");
}

#[test]
fn an_effect_needs_events_on_which_the_models_differ() {
    let of = |effect: f64| SUPPOSED.discordance_of(effect);
    assert!((of(0.0) - 0.2).abs() < 1e-12, "the prior of plans");
    assert!((of(-0.05) - 0.2).abs() < 1e-12);
    assert!((of(-0.4) - 0.5).abs() < 1e-12);
    assert!((of(0.99) - 1.0).abs() < 1e-12, "a share is never more than all");
    let given = Supposed { discordance: Some(0.3), ..SUPPOSED };
    assert!((given.discordance_of(-0.4) - 0.3).abs() < 1e-12);
}

#[test]
fn drift_is_watched_over_a_week_of_the_market() {
    let of = |calendar, timeframe: &str| {
        let watch = DriftWatch::of(calendar, timeframe.parse().unwrap()).unwrap();
        (watch.window.get(), watch.events_per_day.get())
    };
    assert_eq!(of(Calendar::Fx, "1h"), (120, 24));
    assert_eq!(of(Calendar::Fx, "4h"), (30, 6));
    assert_eq!(of(Calendar::Xnys, "1h"), (35, 7));
    assert_eq!(of(Calendar::Always, "1h"), (168, 24));
    assert_eq!(of(Calendar::Always, "1d"), (7, 1));
}
