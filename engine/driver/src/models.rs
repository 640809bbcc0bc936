//! The registry's side of a run: reserving a version, sealing an artifact, moving a model.

use crate::engine::{Engine, EngineError};
use crate::ports::{ModelRow, SlotFacts};
use crate::registry::{Change, DatasetRow, EvaluationRow, MoveModel, NewModel};
use crate::round::Round;
use crate::version::{self, Predecessor, VersionError};
use suho_domain::{
    BasisPoints, Bump, Digest, FailureClass, Instant, ModelId, ModelStatus, Move, Name, Record,
    Value, Version,
};
use suho_plan::Node;

/// The id in a model's record.
pub fn id_of(model: Option<&Value>) -> Option<ModelId> {
    model?.field("id")?.as_text()?.parse().ok()
}

/// A registered model as a value of the language: what steps and expressions see of it.
pub fn value_of(row: &ModelRow) -> Value {
    let text = |text: &str| Value::text(text);
    let digest = row.artifact_digest.as_ref().map_or(Value::None, |d| text(d.as_str()));
    let dataset = row.dataset_digest.as_ref().map_or(Value::None, |d| text(d.as_str()));
    let trained_on = row.trained_on.map_or(Value::None, |(from, to)| {
        Value::Range(Box::new((Value::Instant(from), Value::Instant(to))))
    });
    Value::record([
        ("id", text(row.id.as_str())),
        ("name", text(row.slot.model.as_str())),
        ("version", Value::Version(row.version)),
        ("digest", digest),
        ("artifact", row.artifact.as_deref().map_or(Value::None, text)),
        ("dataset", dataset),
        ("trained_on", trained_on),
    ])
}

impl SlotFacts {
    /// How many settings were tried for the place: one a trained model, and for one that was searched for
    /// as many as its search had. 1 or more.
    pub fn tried(&self) -> i64 {
        let trained = self.versions.iter().filter(|row| row.artifact_digest.is_some());
        let of = |row: &ModelRow| row.metrics.get("trials").and_then(serde_json::Value::as_i64);
        trained.map(|row| of(row).unwrap_or(1).max(1)).fold(0, i64::saturating_add).max(1)
    }

    /// The newest route's generation; 0 before the first.
    pub fn generation(&self) -> u64 {
        self.route.as_ref().map_or(0, |route| route.generation)
    }

    /// The candidate's share in the newest route.
    pub fn share(&self) -> BasisPoints {
        let candidate = self.route.as_ref().and_then(|route| route.candidate.as_ref());
        candidate.map_or(BasisPoints::NONE, |(_, share)| *share)
    }
}

impl Engine<'_> {
    pub(crate) fn slot_facts(&mut self) -> Result<SlotFacts, EngineError> {
        match &self.candidate {
            Some(candidate) => Ok(self.rim.store.slot(&candidate.slot)?),
            None => Ok(SlotFacts::default()),
        }
    }

    /// Reserves the candidate's version once; answers who the candidate is.
    pub(crate) fn reserve(&mut self, step: &Name, round: &mut Round) -> Result<Value, EngineError> {
        let facts = self.slot_facts()?;
        let Some(candidate) = &self.candidate else {
            return Err(EngineError::Bug(format!("`{step}` trains no candidate")));
        };
        let of_this_run = |row: &&ModelRow| row.run.as_ref() == Some(&self.run.id);
        let earlier: Vec<_> = facts.versions.iter().filter(of_this_run).collect();
        if let Some(row) = earlier.iter().find(|row| row.status == ModelStatus::Training) {
            return Ok(identity(&row.id, row.version, row.parent.as_ref(), candidate));
        }
        // A run that was cancelled while it trained and is taken up again trains another version.
        let nth = earlier.len().to_string();
        let id = ModelId::derive(&[self.run.id.as_str(), "candidate", &nth]);
        let data = self.dataset_digest();
        let (version, ..) = next_version(&facts, candidate, data.as_ref(), &self.setting.code)?;
        let parent = facts.production.as_ref().map(|row| row.id.clone());
        let plain = |name: &str| candidate.config.get(name).cloned().unwrap_or_default();
        round.changes.push(Change::Reserve(Box::new(NewModel {
            id: id.clone(),
            slot: candidate.slot.clone(),
            horizon: candidate.horizon,
            version,
            parent: parent.clone(),
            config: candidate.config.clone(),
            architecture: plain("architecture"),
            hyperparameters: plain("hyperparameters"),
            features: candidate.features(),
            feature_version: self.setting.feature_version.clone(),
            seed: candidate.seed,
            engine_version: self.setting.engine_version.clone(),
            code_digest: self.setting.code.clone(),
            run: self.run.id.clone(),
            created_by: self.setting.actor.clone(),
        })));
        let identity = identity(&id, version, parent.as_ref(), candidate);
        round.changes.push(Change::Move(MoveModel {
            model: id,
            from: ModelStatus::Draft,
            row_version: 1,
            attempted: Move::Train,
            reason: "training".to_owned(),
            detail: None,
            quarantined: None,
            deployment: None,
            actor: self.setting.actor.clone(),
        }));
        Ok(identity)
    }

    /// The digest of the snapshot this run trains on, once it is known.
    fn dataset_digest(&self) -> Option<Digest> {
        let name = self.candidate.as_ref()?.dataset.as_ref()?;
        self.state.step(name)?.outputs.get("digest")?.as_text()?.parse().ok()
    }

    /// What a step's success does to the registry.
    pub(crate) fn effects_of(
        &mut self,
        node: &Node,
        outputs: &Record,
    ) -> Result<Vec<Change>, EngineError> {
        match node.kind.as_str() {
            "dataset" => Ok(self.sealed_dataset(outputs).into_iter().collect()),
            "train" => self.sealed_model(outputs),
            "evaluate" => Ok(self.evaluation(node, "test", outputs)),
            "backtest" => Ok(self.evaluation(node, "backtest", outputs)),
            "latency_probe" => Ok(self.evaluation(node, "latency", outputs)),
            "leakage_scan" => Ok(self.evaluation(node, "leakage", outputs)),
            _ => Ok(Vec::new()),
        }
    }

    fn sealed_dataset(&self, outputs: &Record) -> Option<Change> {
        let candidate = self.candidate.as_ref()?;
        let text = |name: &str| outputs.get(name).and_then(Value::as_text);
        let rows = match outputs.get("bars") {
            Some(Value::Int(bars)) => u64::try_from(*bars).ok()?,
            _ => 0,
        };
        Some(Change::SealDataset(DatasetRow {
            digest: text("digest")?.parse().ok()?,
            slot: candidate.slot.clone(),
            range: range(outputs.get("window"))?,
            as_of: self.run.as_of,
            rows,
            feature_version: self.setting.feature_version.clone(),
            columns: candidate.features(),
            source: text("source").unwrap_or_default().to_owned(),
            manifest: text("manifest").unwrap_or_default().to_owned(),
        }))
    }

    fn sealed_model(&mut self, outputs: &Record) -> Result<Vec<Change>, EngineError> {
        let broken = || EngineError::Bug("`train` gave no sealed model".to_owned());
        let model = outputs.get("model").ok_or_else(broken)?;
        let id = id_of(Some(model)).ok_or_else(broken)?;
        let row = self.model_row(&id)?;
        let text = |name: &str| model.field(name).and_then(Value::as_text).ok_or_else(broken);
        let metrics: Record = outputs
            .iter()
            .filter(|(name, _)| *name != "model")
            .map(|(n, v)| (n.clone(), v.clone()))
            .collect();
        Ok(vec![
            Change::SetArtifact {
                model: id,
                digest: text("digest")?.parse().map_err(|_| broken())?,
                folder: text("artifact")?.to_owned(),
                dataset: text("dataset")?.parse().map_err(|_| broken())?,
                trained_on: range(model.field("trained_on")).ok_or_else(broken)?,
                metrics: Value::Record(metrics).to_plain(),
            },
            Change::Move(self.moved(&row, Move::Seal, "trained", None)),
        ])
    }

    /// The evaluation of the model that this run's train step gave, trained now or kept.
    fn evaluation(&self, node: &Node, kind: &str, outputs: &Record) -> Vec<Change> {
        let Some(model) = self.run_model() else { return Vec::new() };
        let baseline = self.baseline_id();
        let metrics = Value::Record(outputs.clone()).to_plain();
        let scored = outputs.get("baseline").filter(|value| **value != Value::None);
        vec![Change::Evaluate(EvaluationRow {
            model,
            kind: kind.to_owned(),
            dataset: self.dataset_digest(),
            window: range(outputs.get("window")),
            baseline: baseline.filter(|_| scored.is_some()),
            baseline_metrics: scored.map(Value::to_plain),
            metrics,
            spec_digest: node.content.clone(),
            verdict: "none".to_owned(),
        })]
    }

    /// The model that this run's train step gave, trained now or taken from the cache.
    pub(crate) fn run_model(&self) -> Option<ModelId> {
        let step = &self.candidate.as_ref()?.step;
        id_of(self.state.step(step)?.outputs.get("model"))
    }

    /// The model that this run's `production` lookup found.
    pub(crate) fn baseline_id(&self) -> Option<ModelId> {
        let lookup = self.plan.of_kind("production").next()?;
        let outputs = self.state.step(&lookup.name)?.outputs;
        id_of(Some(&Value::Record(outputs.clone())))
    }

    pub(crate) fn model_row(&mut self, id: &ModelId) -> Result<ModelRow, EngineError> {
        let missing = || EngineError::Bug(format!("the registry has no model `{id}`"));
        self.rim.store.model(id)?.ok_or_else(missing)
    }

    /// A move of the model in `row`, as the writer saw it.
    pub(crate) fn moved(
        &self,
        row: &ModelRow,
        attempted: Move,
        reason: &str,
        detail: Option<String>,
    ) -> MoveModel {
        MoveModel {
            model: row.id.clone(),
            from: row.status,
            row_version: row.row_version,
            attempted,
            reason: reason.to_owned(),
            detail,
            quarantined: None,
            deployment: None,
            actor: self.setting.actor.clone(),
        }
    }

    /// T3: training failed for good.
    pub(crate) fn fail_training(
        &mut self,
        class: FailureClass,
    ) -> Result<Vec<Change>, EngineError> {
        let reason = match class {
            FailureClass::Timeout => "timed_out",
            FailureClass::Cancelled => "cancelled",
            FailureClass::OutOfMemory => "out_of_memory",
            _ => "training_failed",
        };
        let versions = self.slot_facts()?.versions;
        let training = versions.iter().find(|row| {
            row.status == ModelStatus::Training && row.run.as_ref() == Some(&self.run.id)
        });
        let failed = |row| Change::Move(self.moved(row, Move::FailTraining, reason, None));
        Ok(training.map(failed).into_iter().collect())
    }
}

/// Who the candidate is, as `train` writes it into the artifact.
fn identity(
    id: &ModelId,
    version: Version,
    parent: Option<&ModelId>,
    candidate: &crate::candidate::Candidate,
) -> Value {
    let slot = &candidate.slot;
    Value::record([
        ("id", Value::text(id.as_str())),
        ("name", Value::text(slot.model.as_str())),
        ("version", Value::Version(version)),
        ("scope", Value::text(slot.scope.folder())),
        ("parent", parent.map_or(Value::None, |parent| Value::text(parent.as_str()))),
        ("config", Value::text(suho_domain::canonical::json(&candidate.config))),
    ])
}

/// The version `candidate` gets in its slot, how far that moves, and why.
///
/// # Errors
/// When the version that is written is too low for its changes or taken, or the model's name stands
/// for another symbol.
pub fn next_version(
    facts: &SlotFacts,
    candidate: &crate::candidate::Candidate,
    data: Option<&Digest>,
    code: &Digest,
) -> Result<(Version, Bump, Vec<version::Change>), VersionError> {
    let existing: Vec<Version> = facts.versions.iter().map(|row| row.version).collect();
    let trained =
        |row: &&ModelRow| row.artifact_digest.is_some() && row.status != ModelStatus::Archived;
    let base = facts.production.as_ref().or_else(|| facts.versions.iter().rfind(trained));
    if let Some(base) = base
        && base.slot.symbol != candidate.slot.symbol
    {
        let (model, was) = (base.slot.model.clone(), base.slot.symbol.clone());
        return Err(VersionError::Slot { model, was, is: candidate.slot.symbol.clone() });
    }
    let predecessor = base.map(|row| Predecessor {
        version: row.version,
        config: &row.config,
        seed: row.seed,
        same_data: data.map(|data| row.dataset_digest.as_ref() == Some(data)),
        same_code: row.code_digest == *code,
    });
    let (mut version, mut bump, mut changes) =
        version::next(predecessor, &candidate.config, candidate.seed, &existing);
    if bump == Bump::None {
        // A model that is made though nothing is known to have changed still is another one.
        let (code, text) = match data {
            Some(_) => ("reproduce", "nothing that makes a model changed"),
            None => ("retrain", "the data is frozen anew"),
        };
        let (code, text) = (code.to_owned(), text.to_owned());
        bump = Bump::Patch;
        version = version.next(bump, &existing);
        changes.push(version::Change { bump, code, text });
    }
    changes.extend(base.and_then(|base| reverted(base, facts, &candidate.config)));
    let since = base.map(|row| row.version);
    let least = (version, bump);
    let model = &candidate.slot.model;
    let (version, bump) = candidate.wanted.settle(model, since, least, &mut changes, &existing)?;
    Ok((version, bump, changes))
}

/// An earlier version that `config` is the same as, though `base` is not: still a new version.
fn reverted(
    base: &ModelRow,
    facts: &SlotFacts,
    config: &serde_json::Value,
) -> Option<version::Change> {
    if base.config == *config {
        return None;
    }
    let earlier = facts.versions.iter().rfind(|row| row.config == *config)?;
    let text = format!("the configuration of {} again", earlier.version);
    Some(version::Change { bump: Bump::Patch, code: "reverts".to_owned(), text })
}

fn range(value: Option<&Value>) -> Option<(Instant, Instant)> {
    match value? {
        Value::Range(ends) => match ends.as_ref() {
            (Value::Instant(from), Value::Instant(to)) => Some((*from, *to)),
            _ => None,
        },
        _ => None,
    }
}
