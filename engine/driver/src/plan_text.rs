//! A plan as a run's row keeps it.

use serde::Deserialize;
use serde_json::{Map, Value};
use std::sync::Arc;
use suho_domain::canonical;
use suho_plan::Plan;

/// A plan as JSON, which is read when somebody asks what it says: most who read a row do not.
///
/// Cheap to clone. The text may be anything that a database holds; only reading tells.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct PlanText(Arc<str>);

impl PlanText {
    /// The text of `plan`.
    ///
    /// # Errors
    /// When the plan cannot be written as JSON, which no plan of a program is.
    pub fn of(plan: &Plan) -> Result<Self, serde_json::Error> {
        serde_json::to_string(plan).map(Self::from)
    }

    /// The plan.
    ///
    /// # Errors
    /// When the text is no JSON, or says no plan.
    pub fn read(&self) -> Result<Plan, serde_json::Error> {
        serde_json::from_str(&self.0)
    }

    /// The same for those who pass it on.
    ///
    /// # Errors
    /// When the text is no JSON.
    pub fn json(&self) -> Result<Value, serde_json::Error> {
        serde_json::from_str(&self.0)
    }

    /// One of the pipeline's settings, without reading the rest. `None` also where it is null, or
    /// the text says no plan.
    pub fn setting(&self, name: &str) -> Option<Value> {
        #[derive(Deserialize)]
        struct Head {
            settings: Map<String, Value>,
        }
        let head: Head = serde_json::from_str(&self.0).ok()?;
        head.settings.get(name).filter(|value| !value.is_null()).cloned()
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<String> for PlanText {
    fn from(text: String) -> Self {
        Self(text.into())
    }
}

impl From<&Value> for PlanText {
    fn from(json: &Value) -> Self {
        Self::from(canonical::json(json))
    }
}
