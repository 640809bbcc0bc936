//! `on rollback`, `on failure`, `on cancel`.

use super::StepParts;
use crate::Phase;
use crate::block::said;
use crate::diagnostic::At;
use crate::diagnostics::{maybe_absent, unknown_variant};
use crate::elaborate::{Elaborator, Scope, Typed};
use crate::flow::{Needs, ancestors, steps_in};
use crate::library;
use crate::program::{Handler, Verb};
use std::collections::BTreeSet;
use suho_domain::Name;
use suho_syntax::ast::Instance;

const EVENTS: [&str; 3] = ["rollback", "failure", "cancel"];

/// A handler, and the expressions whose steps may not have run.
#[derive(Debug)]
pub(super) struct HandlerParts {
    pub(super) handler: Handler,
    values: Vec<Typed>,
}

impl Elaborator<'_> {
    /// The handler that `instance` writes.
    pub(super) fn handler(
        &mut self,
        instance: &Instance,
        scope: &Scope<'_>,
    ) -> Option<HandlerParts> {
        let event = instance.name.as_ref()?;
        let at = At::new(scope.file, event.span);
        if !EVENTS.contains(&&*event.node) {
            self.found.push(unknown_variant::new(at, "on", &event.node, &EVENTS));
        }
        let inner = Scope { is_handler: true, ..scope.clone() };
        let ports = self.record_ports(library::HANDLER);
        let kind = format!("on {}", event.node);
        let mut given = self.attributes(&kind, &instance.body, &[ports], &inner);
        let values = given.values().cloned().collect();
        self.complete(&kind, at, &mut given, ports, Some(instance.body.span));
        self.only_attributes(&kind, &instance.body, scope.file);
        let event = Name::new(&*event.node).ok()?;
        Some(HandlerParts { handler: Handler { event, attributes: said(given) }, values })
    }

    /// Tells when a handler uses what may never have come to be.
    pub(super) fn may_use(&mut self, parts: &HandlerParts, steps: &[StepParts<'_>], needs: &Needs) {
        // After a rollback everything has run that every rollout needs.
        let rollouts = steps.iter().filter(|step| step.signature.rules.contains(&Verb::Rollback));
        let mut sure: Option<BTreeSet<Name>> = None;
        if parts.handler.event.as_str() == "rollback" {
            for rollout in rollouts {
                let mut before = ancestors(&rollout.name, needs);
                before.remove(&rollout.name);
                sure = Some(match sure {
                    Some(sure) => sure.intersection(&before).cloned().collect(),
                    None => before,
                });
            }
        }
        let sure = sure.unwrap_or_default();
        let is_early = |name: &Name| {
            let step = steps.iter().find(|step| step.name == *name);
            step.is_none_or(|step| {
                step.signature.outputs.iter().all(|port| port.phase <= Phase::Start)
            })
        };
        for typed in &parts.values {
            for step in steps_in(&typed.expr) {
                if !sure.contains(&step) && !is_early(&step) {
                    let event = parts.handler.event.as_str();
                    self.found.push(maybe_absent::new(typed.at, event, step.as_str()));
                }
            }
        }
    }
}
