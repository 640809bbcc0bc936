//! What the project wants of every gate, and whose data a model may learn from.

use super::{StepParts, value_of};
use crate::diagnostics::{foreign_tenant, gate_without_evidence};
use crate::elaborate::{Elaborator, Typed};
use crate::flow::steps_in;
use crate::program::Expr;
use crate::trigger::called;
use std::collections::{BTreeMap, BTreeSet};
use suho_domain::{Name, Value};

/// The kind that lets models pass.
const GATE: &str = "gate";

impl Elaborator<'_> {
    /// Tells of gates that have no rule about what the project wants proven.
    pub(super) fn asks_for_evidence(&mut self, steps: &[StepParts<'_>]) {
        let wanted = self.evidence.clone();
        for gate in steps.iter().filter(|step| step.signature.kind.as_str() == GATE) {
            let asked: BTreeSet<Name> = gate.conditions().flat_map(steps_in).collect();
            for kind in &wanted {
                let of_kind = steps.iter().filter(|step| step.signature.kind.as_str() == kind);
                let names: Vec<&str> = of_kind.map(|step| step.name.as_str()).collect();
                if !names.iter().any(|name| asked.contains(*name)) {
                    let found =
                        gate_without_evidence::new(gate.at, gate.name.as_str(), kind, &names);
                    self.found.push(found);
                }
            }
        }
    }

    /// Tells of data that belongs to another tenant than the models of this pipeline.
    pub(super) fn is_of_its_tenant(
        &mut self,
        attributes: &BTreeMap<String, Typed>,
        steps: &[StepParts<'_>],
        known: &dyn Fn(&Expr) -> Option<Value>,
    ) {
        let scope = attributes.get("scope").and_then(|typed| value_of(typed, known));
        let Some(own) = scope.or_else(|| self.scope.clone()) else { return };
        for step in steps {
            let Some(typed) = step.set("source") else { continue };
            let Some(source) = value_of(typed, known) else { continue };
            let data = source.field("connection").and_then(|it| it.field("scope"));
            let Some(data) = data.filter(|data| is_tenants(data) && tenant(data) != tenant(&own))
            else {
                continue;
            };
            self.found.push(foreign_tenant::data(typed.at, &called(&own), &called(data)));
        }
    }
}

fn tenant(scope: &Value) -> Option<&Value> {
    scope.field("tenant")
}

/// The platform's data are everybody's.
fn is_tenants(scope: &Value) -> bool {
    tenant(scope).is_some()
}
