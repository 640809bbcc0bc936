//! What starts runs, and runs that are started together.

use super::{Expr, Place, Recurring};
use std::collections::BTreeMap;
use suho_domain::{Name, Record};

/// A pipeline with some of its arguments. What is not set here is set by what asks for it, by the
/// environment, or by the pipeline's own default, in this order.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    /// The pipeline.
    pub pipeline: Name,
    /// Arguments, by parameter. They may speak of the run's start (`last(2y)`), of nothing later.
    pub arguments: BTreeMap<Name, Expr>,
}

/// `trigger monthly { … }`.
#[derive(Clone, Debug, PartialEq)]
pub struct Trigger {
    /// Its name.
    pub name: Name,
    /// Its doc comment.
    pub doc: Option<String>,
    /// What it waits for.
    pub on: Cause,
    /// The run it starts.
    pub run: Run,
    /// `cooldown`, `catch_up`.
    pub attributes: BTreeMap<String, Expr>,
    /// Where it stands.
    pub place: Place,
}

/// What starts a run.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Cause {
    /// An alert, or drift.
    Fired {
        /// The monitor.
        monitor: Name,
        /// Its alert, or look for drift.
        watch: Name,
    },
    /// The time.
    Time(Recurring),
    /// A person.
    Manual {
        /// Who may; anybody who may run the pipeline if empty.
        roles: Vec<String>,
        /// The parameters that are asked for.
        ask: Vec<Name>,
    },
    /// A push.
    Push {
        /// To this branch.
        branch: String,
        /// That changes one of these; any file if empty.
        paths: Vec<String>,
    },
}

/// `matrix majors { … }`.
#[derive(Clone, Debug, PartialEq)]
pub struct Matrix {
    /// Its name.
    pub name: Name,
    /// Its doc comment.
    pub doc: Option<String>,
    /// The run, but for what the cells set.
    pub run: Run,
    /// Every combination that is not excluded; the last axis turns fastest.
    pub cells: Vec<Cell>,
    /// How many runs there may be at a time; none for as many as there are places for.
    pub parallel: Option<u32>,
    /// Where it stands.
    pub place: Place,
}

/// One run of a matrix.
#[derive(Clone, Debug, PartialEq)]
pub struct Cell {
    /// What it is called, the same for the same values: `symbol=EUR/USD,timeframe=1h`.
    pub key: String,
    /// What it sets, by parameter.
    pub arguments: Record,
}
