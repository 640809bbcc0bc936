//! What the engine tells a step beside the inputs that its signature declares.
//!
//! No author can write these, so they are no ports of the prelude:
//!
//! - `dataset` is told `until` (bars from then on are held back; none holds back nothing),
//!   `timezone` (the zone of the days in `window`; UTC if not told), `scope` (whose the data are;
//!   the platform's if not told) and `source_digest`, which it does not read: it is there so that
//!   another content of the source is another key under which results are kept;
//! - `train` is told its `identity`: who the model is, as the registry has reserved it;
//! - `backtest` is told `tried`: how many settings were tried for the place of its model so far;
//! - every step is told its `compute`, where one is written; what trains reads it.

use crate::failure;
use serde::Deserialize;
use std::num::NonZeroU32;
use suho_artifacts::{ArtifactPath, model_folder};
use suho_domain::{Fault, Instant, ModelId, Name, Scope, Value, Version};
use suho_step::{Context, Inputs, StepError};
use suho_train::Device;

/// What a data set is told.
pub(crate) struct Surroundings {
    /// Bars that open from here on are held back.
    pub(crate) until: Option<Instant>,
    /// The zone of the days in `window`.
    pub(crate) timezone: Option<String>,
    /// Whose the data are.
    pub(crate) scope: Scope,
}

impl Surroundings {
    pub(crate) fn read(inputs: &Inputs) -> Result<Self, StepError> {
        let owner: Option<String> = inputs.read("scope")?;
        Ok(Self {
            until: inputs.read("until")?,
            timezone: inputs.read("timezone")?,
            scope: owner.map_or(Ok(Scope::Platform), |owner| scope(&owner))?,
        })
    }
}

/// Who a model to be trained is, as the engine has registered it.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Identity {
    pub(crate) id: ModelId,
    pub(crate) name: String,
    pub(crate) version: Version,
    /// The scope's folder: `platform`, `T` or `T/U`.
    pub(crate) scope: String,
    pub(crate) parent: Option<ModelId>,
    /// The canonical JSON of the configuration that the version follows from.
    pub(crate) config: String,
}

impl Identity {
    pub(crate) fn read(inputs: &Inputs) -> Result<Self, StepError> {
        Ok(inputs.read("identity")?)
    }

    /// The folder of this version in the artifact store.
    pub(crate) fn folder(&self) -> Result<ArtifactPath, StepError> {
        let name = Name::new(self.name.as_str())
            .map_err(|error| failure::of(Fault::Bug, "bad-identity", &error))?;
        model_folder(&scope(&self.scope)?, &name, self.version)
            .map_err(|error| failure::of_folder(&error))
    }
}

/// How many settings were tried for the place that a model competes for, it included: 1 or more.
pub(crate) fn tried(inputs: &Inputs) -> Result<NonZeroU32, StepError> {
    let tried: Option<u32> = inputs.read("tried")?;
    Ok(tried.and_then(NonZeroU32::new).unwrap_or(NonZeroU32::MIN))
}

/// How many processor cores a step is given, as its `compute` says; one where it says nothing.
pub(crate) fn cores(inputs: &Inputs) -> usize {
    match inputs.get("compute") {
        Some(Value::Variant(compute)) => match compute.fields.get("cores") {
            Some(Value::Int(cores)) => usize::try_from(*cores).unwrap_or(1).max(1),
            _ => 1,
        },
        _ => 1,
    }
}

/// On what a step's networks are fitted, as its `compute` says; on the processor where it says nothing.
pub(crate) fn device(context: &mut Context<'_>, inputs: &Inputs) -> Result<Device, StepError> {
    let compute: Option<Value> = inputs.get("compute").cloned();
    let wanted = match &compute {
        Some(Value::Variant(variant)) => variant.name.as_str(),
        _ => return Ok(Device::cpu()),
    };
    let device = match (wanted, Device::gpu()) {
        ("gpu" | "auto", Ok(gpu)) => gpu,
        ("gpu", Err(why)) => {
            return Err(failure::of(why.fault(), "no-gpu", &why).help(
                "write `compute = auto`, which trains on the processor where there is none",
            ));
        }
        ("auto", Err(why)) => {
            context.log(&format!("{why}: training on the processor"));
            Device::cpu()
        }
        _ => Device::cpu(),
    };
    context.log(&format!("training on {}", device.identity()));
    Ok(device)
}

/// The scope whose folder is `text`: `platform`, `T` or `T/U`.
fn scope(text: &str) -> Result<Scope, StepError> {
    let scope = match text.split_once('/') {
        None if text == "platform" => Ok(Scope::Platform),
        None => Scope::tenant(text),
        Some((tenant, user)) => Scope::user(tenant, user),
    };
    scope.map_err(|error| failure::of(Fault::Bug, "bad-identity", &error))
}
