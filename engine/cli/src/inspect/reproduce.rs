//! `suho model reproduce`: a model trained again from the registry alone, and held against the sealed
//! one.
//!
//! What it is trained from is all there: the declaration in the plan of the run that made it, the rows
//! frozen then, the seed. No file of the project is read and no source is asked.

use super::place::{State, States};
use super::seen::Seen;
use super::verify;
use crate::args;
use crate::failure::Failure;
use crate::table::table;
use crate::terminal::{self, Terminal};
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use std::ops::ControlFlow;
use suho_domain::{Digest, Name, Record, Value};
use suho_driver::Candidate;
use suho_driver::ports::ModelRow;
use suho_plan::{Facts, Node, resolve};
use suho_step::{Inputs, StepError};
use suho_steps::model::{Nearness, Reproduction, reproduce as train_again};

/// The answer is no: the copy is another model.
const NOT_REPRODUCED: u8 = 1;

/// `suho model reproduce MODEL`.
pub(super) fn reproduce(args: &args::ModelShow, terminal: Terminal) -> Result<u8, Failure> {
    let (State { folder, mut store }, model) = States::of(&args.place)?.model(&args.model)?;
    verify::registry(&store)?;
    let Some(sealed) = &model.artifact else {
        return Err(cannot(&model, "it was never trained to the end")
            .help("`suho model ls` says which models are trained"));
    };
    verify::artifact(&folder, &model)?;
    let Some(run) = &model.run else {
        return Err(cannot(&model, "no run of this registry made it"));
    };
    let seen = Seen::load(&mut store, run)?;
    let inputs = inputs(&seen, &model)?;
    let artifacts = verify::artifacts(&folder)?;
    let mut hear = |epoch: &suho_steps::model::Epoch| {
        if !terminal.is_quiet {
            terminal::err(&format!(
                "epoch {} of at most {}: loss {:.4} in training, {:.4} in validation\n",
                epoch.epoch, epoch.epochs, epoch.train_loss, epoch.validation_loss
            ));
        }
        ControlFlow::Continue(())
    };
    let made = train_again(&artifacts, sealed, &inputs, &mut hear)
        .map_err(|error| refused(&model, error))?;
    let answer = Answer { model: &model, made: &made, code: suho_steps::code_digest() };
    terminal::out(&match args.output.notation() {
        Some(notation) => notation.page(&answer.json()),
        None => answer.text(),
    });
    Ok(if made.holds() { 0 } else { NOT_REPRODUCED })
}

fn title(model: &ModelRow) -> String {
    format!("{} {}", model.slot.model, model.version)
}

fn cannot(model: &ModelRow, why: &str) -> Failure {
    Failure::user("not-reproducible", format!("{} cannot be trained again: {why}", title(model)))
}

fn refused(model: &ModelRow, error: StepError) -> Failure {
    let message = format!("{} cannot be trained again: {error}", title(model));
    let failure = Failure::new(error.fault(), &error.code, message);
    match error.help {
        Some(help) => failure.help(help),
        None => failure,
    }
}

/// What the step was given that trained `model`, as its run's plan and log tell.
fn inputs(seen: &Seen, model: &ModelRow) -> Result<Inputs, Failure> {
    let Some(train) = seen.plan.of_kind("train").next() else {
        return Err(cannot(model, "the run that made it has no `train` step"));
    };
    let known = model.config.get("feature_version").and_then(Json::as_str);
    let candidate = Candidate::of(&seen.plan, known.unwrap_or_default())
        .map_err(|error| Failure::from_error(error.fault(), "no-candidate", &error))?;
    let is_its = |candidate: &Candidate| {
        candidate.config_digest() == model.config_digest && candidate.seed == model.seed
    };
    if !candidate.as_ref().is_some_and(is_its) {
        return Err(cannot(model, "the plan of its run declares another model"));
    }
    let mut given = given(seen, train)
        .map_err(|input| cannot(model, &format!("its run does not tell the input `{input}`")))?;
    let rows = given.get("train").and_then(|rows| rows.field("dataset")).and_then(Value::as_text);
    if rows != model.dataset_digest.as_ref().map(Digest::as_str) {
        return Err(cannot(model, "its run has frozen other data since"));
    }
    given.insert("version".to_owned(), Value::Version(model.version));
    Ok(Inputs::new(given))
}

/// The resolved inputs of `train`; the name of one that is not known.
fn given(seen: &Seen, train: &Node) -> Result<Record, String> {
    let mut declared = train.inputs.clone();
    // `next(baseline)` is the registry's to answer, and has been.
    declared.remove("version");
    resolve(&declared, &Made::of(seen)).map_err(|(input, _)| input)
}

/// What the steps of a run have made.
struct Made(BTreeMap<Name, Value>);

impl Made {
    fn of(seen: &Seen) -> Self {
        let done = seen.steps().filter(|(_, view)| view.status.is_done());
        Self(done.map(|(node, v)| (node.name.clone(), Value::Record(v.outputs.clone()))).collect())
    }
}

impl Facts for Made {
    fn output(&self, name: &Name) -> Option<&Value> {
        self.0.get(name)
    }

    fn live(&self, _: &str) -> Option<Value> {
        None
    }
}

/// How the copy compares with the model.
struct Answer<'a> {
    model: &'a ModelRow,
    made: &'a Reproduction,
    /// The digest of the steps' code now.
    code: Digest,
}

impl Answer<'_> {
    fn text(&self) -> String {
        let Reproduction { sealed, .. } = self.made;
        let dataset = self.model.dataset_digest.as_ref().map(Digest::to_string);
        let facts = [
            ("configuration", self.model.config_digest.to_string()),
            ("data set", dataset.unwrap_or_default()),
            ("seed", self.model.seed.to_string()),
            ("trained on", sealed.device.clone()),
            ("code", self.code()),
        ];
        let facts = facts.map(|(word, said)| vec![word.to_owned(), said]);
        format!(
            "{}, trained again from the registry\n{}\n{}\n{}\n",
            title(self.model),
            table("  ", &[], &facts),
            table("  ", &["", "SEALED", "AGAIN"], &self.compared()),
            self.verdict()
        )
    }

    fn code(&self) -> String {
        let sealed = &self.made.sealed;
        if sealed.code_digest == self.code {
            format!("the same, suho {}", sealed.engine_version)
        } else {
            format!(
                "another: {} of suho {} made it, this is {}",
                sealed.code_digest.short(),
                sealed.engine_version,
                self.code.short()
            )
        }
    }

    fn compared(&self) -> Vec<Vec<String>> {
        let Reproduction { sealed, .. } = self.made;
        let percent = |share: f64| format!("{:.4}%", 100.0 * share);
        let row = |word: &str, was: String, is: String| vec![word.to_owned(), was, is];
        let epoch = |best: usize, of: usize| format!("{best} of {of}");
        vec![
            row("weights", sealed.weights.to_string(), self.made.weights.to_string()),
            row(
                "scaler",
                sealed.scaler.as_ref().map_or_else(String::new, ToString::to_string),
                self.made.scaler.to_string(),
            ),
            row(
                "best epoch",
                epoch(sealed.best_epoch, sealed.epochs),
                epoch(self.made.best_epoch, self.made.epochs),
            ),
            row(
                "loss in validation",
                format!("{:.6}", sealed.validation_loss),
                format!("{:.6}", self.made.validation_loss),
            ),
            row(
                "accuracy in validation",
                percent(sealed.validation_accuracy),
                percent(self.made.validation_accuracy),
            ),
        ]
    }

    fn verdict(&self) -> String {
        let Reproduction { sealed, .. } = self.made;
        let class = sealed.class.as_str();
        match (self.made.nearness(), self.made.holds()) {
            (Nearness::Exact, _) => "reproduced bit for bit (class R0)".to_owned(),
            (Nearness::Statistical, true) => format!(
                "reproduced as class {class} asks: other weights, the same accuracy within 0.5pp and \
                 the same loss within 1%"
            ),
            (Nearness::Statistical, false) => format!(
                "not reproduced: class {class} asks for the same bits, and only accuracy and loss are \
                 near; {}",
                self.likely()
            ),
            (Nearness::Apart, _) => {
                format!("not reproduced: another model came of it; {}", self.likely())
            }
        }
    }

    /// What is likely behind a difference.
    fn likely(&self) -> &'static str {
        if self.made.sealed.code_digest == self.code {
            "the code is the same, so it was another kind of processor, or the files are not what \
             made it"
        } else {
            "the code that trains is another since: class R0 holds for the suho that made it"
        }
    }

    fn json(&self) -> Json {
        let Self { model, made, code } = self;
        let sealed = &made.sealed;
        json!({
            "version": 1,
            "model": { "id": model.id, "name": model.slot.model, "version": model.version },
            "reproduced": made.holds(),
            "class": sealed.class,
            "class_met": made.nearness().class(),
            "config_digest": model.config_digest,
            "dataset_digest": model.dataset_digest,
            "seed": model.seed,
            "device": sealed.device,
            "code": { "sealed": sealed.code_digest, "again": code },
            "weights": { "sealed": sealed.weights, "again": made.weights },
            "scaler": { "sealed": sealed.scaler, "again": made.scaler },
            "best_epoch": { "sealed": sealed.best_epoch, "again": made.best_epoch },
            "validation_loss": { "sealed": sealed.validation_loss, "again": made.validation_loss },
            "validation_accuracy": {
                "sealed": sealed.validation_accuracy,
                "again": made.validation_accuracy,
            },
        })
    }
}
