//! What the storm rages over: pipelines and the texts that a git branch holds one after the other,
//! compiled by the checker, planned by the planner, and turned into schedules by the daemon.

use std::collections::BTreeMap;
use std::rc::Rc;
use suho_check::{Program, Severity, World as Prelude, check};
use suho_daemon::{Desired, World, desired, plan_in};
use suho_domain::Digest;
use suho_driver::ports::PlanText;
use suho_plan::{Binding, Plan};

/// Whose runs they are. Not `rehearsal`: time is the wall's, as far as it goes here.
pub(crate) const ENVIRONMENT: &str = "storm";
/// The pipeline that ends in production.
pub(crate) const RETRAIN: &str = "retrain";
/// The short one.
pub(crate) const CHORES: &str = "chores";

/// The pipelines that every text holds.
const PIPELINES: &str = include_str!("plot/pipelines.suho");
/// The schedules of each text; the last has none.
const TRIGGERS: [&str; 4] = [
    include_str!("plot/first.suho"),
    include_str!("plot/edited.suho"),
    include_str!("plot/fewer.suho"),
    "",
];
/// The prelude's files that the pipelines use.
const PRELUDE: [(&str, &str); 4] = [
    ("core.suho", include_str!("../../../stdlib/prelude/core.suho")),
    ("ml.suho", include_str!("../../../stdlib/prelude/ml.suho")),
    ("ops.suho", include_str!("../../../stdlib/prelude/ops.suho")),
    ("rollout.suho", include_str!("../../../stdlib/prelude/rollout.suho")),
];

/// A plan as runs keep it, and as whoever looks on reads it.
#[derive(Debug)]
pub(crate) struct Form {
    pub(crate) plan: Plan,
    pub(crate) text: PlanText,
}

/// All that a storm needs of texts. Compiled once, shared by all storms of a thread.
#[derive(Debug)]
pub struct Plot {
    /// What each text wants, in the order in which they are pushed.
    pub(crate) texts: Vec<Desired>,
    pub(crate) forms: BTreeMap<Digest, Rc<Form>>,
    /// Plans for who submits, by pipeline.
    pub(crate) by_name: BTreeMap<String, Rc<Form>>,
}

struct Words;

impl Prelude for Words {
    fn prelude(&self) -> Vec<(String, String)> {
        PRELUDE.map(|(name, text)| (name.to_owned(), text.to_owned())).to_vec()
    }

    fn read(&self, _: &str, path: &str) -> Result<(String, String), String> {
        Err(format!("there is no `{path}`"))
    }

    fn features(&self) -> Option<Vec<String>> {
        None
    }
}

fn compiled(triggers: &str) -> Result<Program, String> {
    let text = format!("{PIPELINES}\n{triggers}");
    let checked = check(&[("storm.suho".to_owned(), text)], &Words);
    let wrong = checked.diagnostics.iter().filter(|found| found.severity == Severity::Error);
    let wrong: Vec<_> = wrong.map(|found| format!("{found:?}")).collect();
    if wrong.is_empty() { Ok(checked.program) } else { Err(wrong.join("\n")) }
}

impl Plot {
    /// Compiles the texts.
    ///
    /// # Errors
    /// When the checker or the planner refuses one: a bug of ours.
    pub fn new() -> Result<Self, String> {
        let (mut texts, mut forms) = (Vec::new(), BTreeMap::new());
        let mut by_name = BTreeMap::new();
        for triggers in TRIGGERS {
            let program = compiled(triggers)?;
            let wanted =
                desired(&program, ENVIRONMENT, World::Replay).map_err(|e| e.to_string())?;
            for name in [RETRAIN, CHORES] {
                let binding = Binding { environment: Some(ENVIRONMENT), ..Binding::of(&[]) };
                let planned = plan_in(&program, name, &binding, World::Replay);
                let plan = planned.map_err(|e| e.to_string())?;
                by_name.insert(name.to_owned(), form(&mut forms, &plan)?);
            }
            for wanted in wanted.schedules.values() {
                form(&mut forms, &wanted.plan)?;
            }
            texts.push(wanted);
        }
        Ok(Self { texts, forms, by_name })
    }
}

fn form(forms: &mut BTreeMap<Digest, Rc<Form>>, plan: &Plan) -> Result<Rc<Form>, String> {
    let text = PlanText::of(plan).map_err(|error| error.to_string())?;
    let made = Rc::new(Form { plan: plan.clone(), text });
    Ok(Rc::clone(forms.entry(plan.digest.clone()).or_insert(made)))
}
