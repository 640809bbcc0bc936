//! What a test gives, with every `any` chosen: what things are as time passes.

use crate::error::SimulateError;
use suho_check::program::{self, Scenario};
use suho_domain::{Duration, Name, Value};
use suho_plan::{Expr, Facts, Place};

/// Before a metric that is measured while a step runs.
pub(crate) const LIVE: &str = "live";

/// All that one world is told.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Givens(Vec<Given>);

/// One thing that is given.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Given {
    pub(crate) step: Name,
    pub(crate) path: Vec<String>,
    course: Course,
}

#[derive(Clone, Debug, PartialEq)]
enum Course {
    Always(Value),
    /// In the order of time.
    Series(Vec<(Duration, Value)>),
    /// Nothing is measured between the two; before and after it is as if nothing were given.
    Missing(Duration, Duration),
}

impl Course {
    /// What it is so long after the step began; nothing where the test does not say.
    fn at(&self, offset: Duration) -> Option<Value> {
        match self {
            Self::Always(value) => Some(value.clone()),
            Self::Series(points) => {
                let past = points.iter().take_while(|(from, _)| *from <= offset);
                past.last().map(|(_, value)| value.clone())
            }
            Self::Missing(from, to) => {
                let nothing = || Value::Undefined("the test measures nothing here".to_owned());
                (*from <= offset && offset < *to).then(nothing)
            }
        }
    }
}

impl Givens {
    /// What `scenario` gives; each `any` is the next of `chosen`.
    pub(crate) fn new(scenario: &Scenario, chosen: &[Value]) -> Result<Self, SimulateError> {
        let mut chosen = chosen.iter();
        let given = |given: &program::Given| {
            let known = |expr: &Expr| known(expr, "given", &given.place);
            let course = match &given.course {
                program::Course::Always(expr) => Course::Always(known(expr)?),
                program::Course::Series(points) => {
                    let point = |(at, expr): &(Duration, Expr)| Ok((*at, known(expr)?));
                    let points: Result<_, SimulateError> = points.iter().map(point).collect();
                    Course::Series(points?)
                }
                program::Course::Missing { from, to } => Course::Missing(*from, *to),
                program::Course::Any(_) => match chosen.next() {
                    Some(value) => Course::Always(value.clone()),
                    None => return Ok(None),
                },
            };
            Ok(Some(Given { step: given.step.clone(), path: given.path.clone(), course }))
        };
        let givens: Result<Vec<_>, _> = scenario.givens.iter().map(given).collect();
        Ok(Self(givens?.into_iter().flatten().collect()))
    }

    /// Whether `step` comes to nothing: a lookup that finds no model.
    pub(crate) fn is_none(&self, step: &Name) -> bool {
        self.0.iter().any(|given| given.step == *step && given.path.is_empty())
    }

    /// What is given of `step` when it ends, path by path, its measurements apart.
    pub(crate) fn outputs<'a>(
        &'a self,
        step: &'a Name,
    ) -> impl Iterator<Item = (&'a [String], Value)> {
        let of_step = move |given: &&Given| {
            given.step == *step && given.path.first().is_some_and(|first| first != LIVE)
        };
        self.0.iter().filter(of_step).filter_map(|given| {
            let value = given.course.at(Duration::ZERO)?;
            Some((given.path.as_slice(), value))
        })
    }

    /// What `metric` of `step` is so long after it began, if the test says.
    pub(crate) fn live(&self, step: &Name, metric: &str, offset: Duration) -> Option<Value> {
        self.measured(step, offset, |rest| *rest == [metric])
    }

    /// As [`live`](Self::live), of a part of a metric.
    pub(crate) fn part(
        &self,
        step: &Name,
        metric: &str,
        part: &str,
        offset: Duration,
    ) -> Option<Value> {
        self.measured(step, offset, |rest| *rest == [metric, part])
    }

    fn measured(
        &self,
        step: &Name,
        offset: Duration,
        is_it: impl Fn(&[String]) -> bool,
    ) -> Option<Value> {
        let is_it = |given: &&Given| {
            let rest = given.path.split_first().filter(|(first, _)| *first == LIVE);
            given.step == *step && rest.is_some_and(|(_, rest)| is_it(rest))
        };
        self.0.iter().find(is_it)?.course.at(offset)
    }

    /// Whether the test says anything of the place at `path` of `step`, or of a part of it.
    pub(crate) fn speaks_of(&self, step: &Name, path: &[String]) -> bool {
        self.0.iter().any(|given| {
            let (a, b) = (given.path.iter(), path.iter());
            given.step == *step && a.zip(b).all(|(a, b)| a == b)
        })
    }
}

/// The value of what has to be known before a world begins.
pub(crate) fn known(expr: &Expr, what: &str, place: &Place) -> Result<Value, SimulateError> {
    suho_plan::evaluate(expr, &Nothing).map_err(|source| SimulateError::Late {
        what: what.to_owned(),
        place: place.clone(),
        source,
    })
}

/// Nothing has run, nothing is measured.
pub(crate) struct Nothing;

impl Facts for Nothing {
    fn output(&self, _: &Name) -> Option<&Value> {
        None
    }

    fn live(&self, _: &str) -> Option<Value> {
        None
    }
}
