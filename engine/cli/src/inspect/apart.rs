//! `suho model diff`: what makes one model another than the other, and what each came to.

use super::life::{leaves, short};
use super::models::{self, Line};
use super::place::{State, States, refused};
use super::words::{NONE, plain};
use crate::args;
use crate::failure::Failure;
use crate::table::table;
use crate::terminal;
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use suho_domain::Bump;
use suho_driver::ports::ModelRow;
use suho_driver::version::{Change, Predecessor, next};
use suho_store::{Evaluation, SqliteStore};

/// The kinds of evaluation whose figures are compared, and training.
const KINDS: [&str; 3] = ["test", "backtest", "latency"];

/// Two models, held against each other.
#[derive(Debug)]
pub(super) struct Apart {
    before: Line,
    after: Line,
    bump: Bump,
    changes: Vec<Change>,
    /// A figure's name, and what it is of each.
    figures: Vec<(String, [Option<Json>; 2])>,
}

/// `suho model diff A B`.
pub(super) fn diff(args: &args::ModelDiff) -> Result<u8, Failure> {
    let (first, a) = States::of(&args.place)?.model(&args.before)?;
    let (second, b) = States::of(&args.place)?.model(&args.after)?;
    let apart = Apart::of((&first, a), (&second, b))?;
    terminal::out(&match args.output.notation() {
        Some(notation) => notation.page(&apart.json()),
        None => apart.text(),
    });
    Ok(0)
}

impl Apart {
    fn of(
        (first, a): (&State, ModelRow),
        (second, b): (&State, ModelRow),
    ) -> Result<Self, Failure> {
        let predecessor = Predecessor {
            version: a.version,
            config: &a.config,
            seed: a.seed,
            same_data: Some(a.dataset_digest == b.dataset_digest),
            same_code: a.code_digest == b.code_digest,
        };
        let (_, bump, changes) = next(Some(predecessor), &b.config, b.seed, &[a.version]);
        let mut figures: BTreeMap<String, [Option<Json>; 2]> = BTreeMap::new();
        for (at, (state, model)) in [(first, &a), (second, &b)].into_iter().enumerate() {
            for (name, value) in figures_of(&state.store, model)? {
                let both = figures.entry(name).or_default();
                if let Some(place) = both.get_mut(at) {
                    *place = Some(value);
                }
            }
        }
        let line = |state: &State, model| {
            let gone =
                || Failure::new(suho_domain::Fault::Bug, "no-line", "a model without a line");
            models::of(&state.store, vec![model])?.pop().ok_or_else(gone)
        };
        let figures = figures.into_iter().filter(|(_, [before, after])| before != after).collect();
        Ok(Self { before: line(first, a)?, after: line(second, b)?, bump, changes, figures })
    }

    pub(super) fn text(&self) -> String {
        let name = |line: &Line| format!("{} {}", line.model.slot, line.model.version);
        let mut text = format!("{}  →  {}\n", name(&self.before), name(&self.after));
        if self.changes.is_empty() {
            text.push_str("\nthe same declaration, data, code and seed\n");
        } else {
            let rows = self.changes.iter().map(|change| {
                vec![change.bump.to_string(), change.code.clone(), change.text.clone()]
            });
            text.push_str("\nwhat makes it another model\n");
            text.push_str(&table("  ", &[], &rows.collect::<Vec<_>>()));
        }
        if !self.figures.is_empty() {
            let version = |line: &Line| line.model.version.to_string();
            let (before, after) = (version(&self.before), version(&self.after));
            let shown = |value: &Option<Json>| {
                value.as_ref().map_or_else(|| NONE.to_owned(), |value| short(&plain(value)))
            };
            let rows = self
                .figures
                .iter()
                .map(|(name, [before, after])| vec![name.clone(), shown(before), shown(after)]);
            text.push_str("\nwhat they came to, each on its own data\n");
            text.push_str(&table("  ", &["", &before, &after], &rows.collect::<Vec<_>>()));
        }
        text
    }

    pub(super) fn json(&self) -> Json {
        let figures = self.figures.iter().map(
            |(name, [before, after])| json!({ "figure": name, "before": before, "after": after }),
        );
        let bump = if self.bump == Bump::None { Json::Null } else { json!(self.bump) };
        json!({
            "version": 1,
            "before": self.before.json(),
            "after": self.after.json(),
            "bump": bump,
            "changes": self.changes,
            "figures": figures.collect::<Vec<_>>(),
        })
    }
}

/// What training and the newest evaluations of each kind came to: `test.accuracy` and its value.
fn figures_of(store: &SqliteStore, model: &ModelRow) -> Result<Vec<(String, Json)>, Failure> {
    let found = store.evaluations(&model.id).map_err(|error| refused(&error))?;
    let newest = |kind: &&str| -> Option<(&'static str, &Json)> {
        let kind = KINDS.into_iter().find(|it| it == kind)?;
        let of_kind = |it: &&Evaluation| it.row.kind == kind;
        Some((kind, &found.iter().rfind(of_kind)?.row.metrics))
    };
    let training = [("train", &model.metrics)];
    let all = training.into_iter().chain(KINDS.iter().filter_map(newest));
    let mut figures = Vec::new();
    for (kind, metrics) in all {
        figures.extend(leaves_of(metrics).map(|(path, value)| (format!("{kind}.{path}"), value)));
    }
    Ok(figures)
}

/// The numbers among the leaves of `metrics`: what is compared.
fn leaves_of(metrics: &Json) -> impl Iterator<Item = (String, Json)> {
    leaves(metrics).into_iter().filter_map(|leaf| {
        let mut cells = leaf.into_iter();
        let (path, value) = (cells.next()?, cells.next()?);
        let is_number = value.starts_with(|c: char| c.is_ascii_digit() || c == '-');
        let is_figure = is_number && !value.contains(':') && !path.starts_with("baseline");
        is_figure.then(|| (path, Json::from(value)))
    })
}
