//! The models that answer, each bar once.

use crate::failure::user;
use crate::tape::Tape;
use std::collections::BTreeMap;
use suho_domain::{Duration, ModelId};
use suho_driver::ports::ModelRow;
use suho_driver::world::WorldError;
use suho_market::Bars;
use suho_stats::Probabilities;

/// Where loaded models come from.
pub trait Models {
    /// Loads the model that `model` says, ready to answer.
    ///
    /// # Errors
    /// When its artifact is not there, is damaged or is of no use here.
    fn load(&mut self, model: &ModelRow) -> Result<Box<dyn Model>, WorldError>;
}

/// A loaded model.
pub trait Model {
    /// How many bars an answer is made from, the warm-up of its features included; at least 1.
    fn history_needed(&self) -> usize;

    /// The answer after the last bar of `history`, which holds the [`history_needed`] bars up to
    /// the one that has just closed, oldest first. Must be a function of them alone: after a
    /// restart it is asked again.
    ///
    /// [`history_needed`]: Model::history_needed
    ///
    /// # Errors
    /// When there is no answer, and why; the request then counts as failed.
    fn predict(&self, history: &Bars) -> Result<Answer, String>;
}

/// A model's answer. One that is not finite or no probabilities takes the candidate back.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Answer {
    /// Probabilities of down, flat, up.
    pub probabilities: [f32; 3],
}

/// Does what it is given, once, and says how long that took. Clocks are inputs.
pub type Stopwatch = Box<dyn FnMut(&mut dyn FnMut()) -> Duration>;

/// What came of asking a model about a bar.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Outcome {
    /// The answer, or why there is none.
    pub(crate) said: Result<Said, Silence>,
    /// Time of the inference, in milliseconds, zero or more.
    pub(crate) latency_ms: f64,
}

/// A sound answer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Said {
    /// −1 down, 0 flat, 1 up: the most probable, the first of equals.
    pub(crate) class: i8,
    /// Probabilities of down, flat, up.
    pub(crate) probabilities: [f32; 3],
}

/// Why there is no answer.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Silence {
    /// What was answered is not finite or no probabilities.
    NotProbabilities,
    /// The model refused.
    Refused(String),
}

impl Silence {
    /// As it stands in a row.
    pub(crate) fn text(&self) -> &str {
        match self {
            Self::NotProbabilities => "the answer is not finite or no probabilities",
            Self::Refused(why) => why,
        }
    }
}

impl Outcome {
    /// The class answered, if any.
    pub(crate) fn class(&self) -> Option<i8> {
        self.said.as_ref().ok().map(|said| said.class)
    }
}

/// A loaded model with what it has answered, by bar.
pub(crate) struct Seat {
    id: ModelId,
    model: Box<dyn Model>,
    history_needed: usize,
    outcomes: BTreeMap<usize, Outcome>,
}

impl Seat {
    pub(crate) fn load(models: &mut dyn Models, row: &ModelRow) -> Result<Self, WorldError> {
        let model = models.load(row)?;
        let history_needed = model.history_needed().max(1);
        Ok(Self { id: row.id.clone(), model, history_needed, outcomes: BTreeMap::new() })
    }

    pub(crate) const fn id(&self) -> &ModelId {
        &self.id
    }

    /// Whether the tape holds enough bars for an answer after `bar`.
    ///
    /// # Errors
    /// When it does not: `too-few-bars`.
    pub(crate) fn reaches_back(&self, bar: usize) -> Result<(), WorldError> {
        let there = bar.saturating_add(1);
        if there >= self.history_needed {
            return Ok(());
        }
        let (id, needed) = (&self.id, self.history_needed);
        let message = format!("model `{id}` answers from {needed} bars, and {there} have closed");
        Err(user("too-few-bars", message, "give the source more bars before those held back"))
    }

    /// Asks about `bar`, whether or not it was asked before.
    pub(crate) fn ask(&mut self, bar: usize, tape: &Tape, stopwatch: &mut Stopwatch) {
        let history = tape.history(bar, self.history_needed);
        let mut said = Err("the stopwatch never let the model run".to_owned());
        let model = &self.model;
        let took = stopwatch(&mut || said = model.predict(&history));
        let said = said.map_err(Silence::Refused).and_then(judge);
        let outcome = Outcome { said, latency_ms: took.millis_f64().max(0.0) };
        self.outcomes.insert(bar, outcome);
    }

    /// Asks about `bar` when nobody has yet.
    pub(crate) fn ask_once(&mut self, bar: usize, tape: &Tape, stopwatch: &mut Stopwatch) {
        if !self.outcomes.contains_key(&bar) {
            self.ask(bar, tape, stopwatch);
        }
    }

    /// What came of asking about `bar`; none when nobody has.
    pub(crate) fn outcome(&self, bar: usize) -> Option<&Outcome> {
        self.outcomes.get(&bar)
    }

    /// Answers from `bar` on that were not finite or no probabilities.
    pub(crate) fn non_finite_since(&self, bar: usize) -> u64 {
        let is_none = |outcome: &&Outcome| outcome.said == Err(Silence::NotProbabilities);
        self.outcomes.range(bar..).map(|(_, outcome)| outcome).filter(is_none).count() as u64
    }
}

/// Held to the same standard as the probabilities of an evaluation.
fn judge(answer: Answer) -> Result<Said, Silence> {
    let probabilities = answer.probabilities;
    let values = probabilities.map(f64::from);
    let sound = Probabilities::new(&values, values.len()).map_err(|_| Silence::NotProbabilities)?;
    let class = match sound.choices().next() {
        Some((0, _)) => -1,
        Some((2, _)) => 1,
        _ => 0,
    };
    Ok(Said { class, probabilities })
}
