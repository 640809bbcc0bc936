//! `suho simulate canary`: how often the pipeline's own canary calls off a model as good as the
//! one that serves, and how often a worse one.

use super::{candidate, json_of, limits, percent, rate};
use crate::args::SimulateCanary;
use crate::compile::compile;
use crate::failure::Failure;
use crate::inspect::words::{NONE, count, many};
use crate::replay::REQUESTS_PER_MINUTE;
use crate::table::table;
use crate::terminal::{Terminal, err, out};
use crate::world::wall;
use serde_json::{Value as Json, json};
use suho_domain::units::Decimal;
use suho_domain::{Duration, Fault, Points, Ratio};
use suho_forecast::{CanaryTrial, LOOKS_FROM, Supposed, TrialError, canary_trial};
use suho_plan::Plan;
use suho_stats::simulate::{self, CanaryRates, Rate};
use suho_stats::{Measured, StatsError};

/// `suho simulate canary`.
pub(super) fn canary(args: &SimulateCanary, terminal: Terminal) -> Result<u8, Failure> {
    let compiled = compile(&args.target, wall(), terminal)?;
    let plan = &compiled.plan;
    let candidate = candidate(plan)?;
    let trial = canary_trial(plan, &candidate, REQUESTS_PER_MINUTE)
        .map_err(|error| refused(&error, plan))?;
    let supposed = Supposed {
        discordance: args.discordance.map(Ratio::to_f64),
        autocorrelation: args.autocorrelation,
        accuracy: args.accuracy.to_f64(),
    };
    let zero = Points::new(Decimal::ZERO);
    let others = args.effects.iter().copied().filter(|effect| *effect != zero);
    let mut played = Vec::new();
    for effect in std::iter::once(zero).chain(others) {
        if terminal.is_live {
            err(&format!("playing {} canaries at {effect}\n", count(args.runs.get().into())));
        }
        played.push(Played::of(&trial, &supposed, effect, args)?);
    }
    let page = Page { pipeline: plan.pipeline.to_string(), trial, supposed, args, played };
    if let Some(notation) = args.output.notation() {
        out(&notation.page(&page.json()));
    } else {
        out(&page.text());
    }
    Ok(0)
}

/// Why the plan's canary is not played, at the canary.
fn refused(error: &TrialError, plan: &Plan) -> Failure {
    let place = plan.of_kind("canary").next().map_or(&plan.place, |node| &node.place);
    let failure = Failure::from_error(error.fault(), error.code(), error)
        .at(format!("{}:{}", place.file, place.line));
    match error {
        TrialError::NoCanary { .. } => failure.help("name a pipeline with a `canary` step"),
        TrialError::AlwaysValid { .. } => {
            failure.help("compare by `group_sequential(alpha: 5%)`, as a canary does by default")
        }
        _ => failure,
    }
}

/// What became of the canaries of one effect.
struct Played {
    effect: Points,
    discordance: f64,
    rates: Measured<CanaryRates>,
}

impl Played {
    fn of(
        trial: &CanaryTrial,
        supposed: &Supposed,
        effect: Points,
        args: &SimulateCanary,
    ) -> Result<Self, Failure> {
        let impossible = |error: StatsError| match error {
            StatsError::OutOfRange { .. } => {
                let message = format!("no two models differ by {effect} as supposed: {error}");
                Failure::user("impossible-models", message).help(
                    "the discordance is larger than the effect, and leaves events on which both \
                     are right or both are wrong: change `--discordance`, `--accuracy` or `--effect`",
                )
            }
            _ => Failure::from_error(Fault::Bug, "simulation", &error),
        };
        let rates = match trial.game(supposed, effect.to_f64()).map_err(impossible)? {
            Measured::Undefined(reason) => Measured::Undefined(reason),
            Measured::Defined(game) => Measured::Defined(
                simulate::canary(&game, args.runs, args.games.seed).map_err(impossible)?,
            ),
        };
        Ok(Self { effect, discordance: supposed.discordance_of(effect.to_f64()), rates })
    }

    fn json(&self) -> Json {
        json!({
            "effect": self.effect,
            "discordance": Ratio::measured(self.discordance),
            "rates": json_of(&self.rates, |rates| json!({
                "harm": rate(&rates.harm),
                "harm_by_look": looks(rates).map(|look| look.map(rate)).collect::<Vec<_>>(),
                "naive": rate(&rates.naive),
                "naive_at_each_look": rate(&rates.naive_at_each_look),
                "inflation": rates.inflation,
            })),
        })
    }

    /// A cell of the table.
    fn cell(&self, figure: fn(&CanaryRates) -> &Rate) -> String {
        match &self.rates {
            Measured::Defined(rates) => percent(figure(rates)),
            Measured::Undefined(_) => NONE.to_owned(),
        }
    }
}

/// What had been called off by the end of each look; none where there is too little to look at.
fn looks(rates: &CanaryRates) -> impl Iterator<Item = Option<&Rate>> {
    let each = (1..).zip(&rates.harm_by_look);
    each.map(|(look, rate): (u32, &Rate)| (look >= LOOKS_FROM).then_some(rate))
}

/// The whole answer.
struct Page<'a> {
    pipeline: String,
    trial: CanaryTrial,
    supposed: Supposed,
    args: &'a SimulateCanary,
    /// The first of no effect.
    played: Vec<Played>,
}

impl Page<'_> {
    fn json(&self) -> Json {
        let Self { trial, supposed, args, .. } = self;
        json!({
            "version": 1,
            "pipeline": self.pipeline,
            "canary": {
                "step": trial.step,
                "traffic_percentage": f64::from(trial.share.points()) / 100.0,
                "duration": trial.duration,
                "bar": trial.bar,
                "block_bars": trial.block.bars(),
                "looks": trial.looks,
                "looks_from": LOOKS_FROM,
                "alpha": trial.alpha,
                "events_per_bar": trial.events_per_bar,
                "requests_per_event": trial.requests_per_event,
            },
            "supposed": {
                "autocorrelation": supposed.autocorrelation,
                "accuracy": args.accuracy,
            },
            "runs": args.runs,
            "seed": args.games.seed,
            "effects": self.played.iter().map(Played::json).collect::<Vec<_>>(),
            "cannot_show": cannot_show(),
        })
    }

    fn text(&self) -> String {
        let Self { trial, supposed, args, .. } = self;
        let head = format!(
            "{}: canary `{}`, {} of the traffic for {} of market time\n  harm test at {} over {}, \
             one after each block of {} bars of {}\n  {} ask for the same event: {} a minute of \
             the replay's clock\n",
            self.pipeline,
            trial.step,
            trial.share,
            trial.duration,
            trial.alpha,
            many(trial.looks.into(), "look"),
            trial.block.bars(),
            trial.bar,
            many(trial.requests_per_event.get().into(), "request"),
            REQUESTS_PER_MINUTE,
        );
        if let Some(reason) = self.played.first().and_then(|played| played.rates.reason()) {
            return format!(
                "{head}\nfalse alarms and power are undefined: the harm test {reason} blocks\n  a \
                 canary of {} looks once\n",
                self.shortest()
            );
        }
        format!(
            "{head}\nsupposed, not measured: the baseline is right on {} of the events; what \
             differs correlates {} from bar to bar\n{} canaries an effect, seed {}; ± is one \
             Monte-Carlo standard error\n\n{}\ncalled off by the harm test, by the end of each \
             look\n{}{}",
            args.accuracy,
            supposed.autocorrelation,
            count(args.runs.get().into()),
            args.games.seed,
            self.rates(),
            self.by_look(),
            limits(&cannot_show())
        )
    }

    /// The shortest canary whose harm test looks.
    fn shortest(&self) -> Duration {
        let bars = i64::from(self.trial.block.bars().get()).saturating_mul(LOOKS_FROM.into());
        Duration::from_nanos(self.trial.bar.nanos().saturating_mul(bars))
    }

    fn rates(&self) -> String {
        let row = |played: &Played| {
            let meaning = if played.effect.to_f64() < 0.0 { "power" } else { "false alarms" };
            vec![
                played.effect.to_string(),
                Ratio::measured(played.discordance)
                    .map_or_else(|| NONE.to_owned(), |share| share.to_string()),
                played.cell(|rates| &rates.harm),
                meaning.to_owned(),
                played.cell(|rates| &rates.naive),
                played.cell(|rates| &rates.naive_at_each_look),
            ]
        };
        let head = [
            "EFFECT",
            "DIFFER ON",
            "HARM TEST",
            "WHICH IS",
            "BY REQUESTS, ONCE",
            "BY REQUESTS, EACH LOOK",
        ];
        table("  ", &head, &self.played.iter().map(row).collect::<Vec<_>>())
    }

    fn by_look(&self) -> String {
        let effects = self.played.iter().map(|played| played.effect.to_string());
        let head: Vec<String> = std::iter::once("LOOK".to_owned()).chain(effects).collect();
        let head: Vec<&str> = head.iter().map(String::as_str).collect();
        let at = |played: &Played, look: usize| match &played.rates {
            Measured::Defined(rates) => looks(rates).nth(look).flatten().map(percent),
            Measured::Undefined(_) => None,
        };
        let row = |look: usize| {
            let cells = self.played.iter().map(|played| at(played, look));
            let cells = cells.map(|cell| cell.unwrap_or_else(|| NONE.to_owned()));
            std::iter::once((look + 1).to_string()).chain(cells).collect::<Vec<_>>()
        };
        let looks = usize::try_from(self.trial.looks).unwrap_or(0);
        table("  ", &head, &(0..looks).map(row).collect::<Vec<_>>())
    }
}

/// What a reader must not take the figures for.
fn cannot_show() -> [String; 4] {
    [
        "how good a model is: the events are made up; only the canary's plan is this pipeline's"
            .to_owned(),
        "crashes, slowness and outputs that are not finite: guardrails find those, whatever the \
         accuracy"
            .to_owned(),
        "a test that suho makes: it never counts requests; those that ask for one event are right \
         or wrong together, and `BY REQUESTS` is how a test errs that counts each"
            .to_owned(),
        format!(
            "harm in fewer than {LOOKS_FROM} blocks ({NONE}): two say nothing of their own spread"
        ),
    ]
}
