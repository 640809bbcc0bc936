//! One step: its attributes, those that every step may have, its rules.

use crate::block::said;
use crate::diagnostic::At;
use crate::diagnostics::broken_check;
use crate::elaborate::{Elaborator, RuleNames, Scope, Typed, stepped};
use crate::flow::{Needs, steps_in};
use crate::program::{Check, Expr, Place, Rule, Step};
use crate::ty::shape;
use crate::{Library, Port, Signature, library};
use std::collections::{BTreeMap, BTreeSet};
use suho_domain::{Name, Value};
use suho_syntax::ast::{Block, Instance, Stmt, StmtKind};

/// A step whose expressions are checked.
#[derive(Clone, Debug)]
pub(crate) struct StepParts<'a> {
    pub(crate) name: Name,
    pub(crate) at: At,
    pub(crate) signature: &'a Signature,
    pub(crate) inputs: BTreeMap<String, Typed>,
    meta: BTreeMap<String, Typed>,
    rules: Vec<Rule>,
    doc: Option<String>,
    place: Place,
}

impl StepParts<'_> {
    /// The other steps it waits for.
    pub(crate) fn needs(&self, steps: &BTreeMap<Name, At>) -> BTreeSet<Name> {
        let attributes = self.inputs.values().chain(self.meta.values()).map(|typed| &typed.expr);
        let rules = self.rules.iter().flat_map(|rule| {
            let clauses = rule.lasting.iter().chain(&rule.otherwise);
            [&rule.condition].into_iter().chain(clauses).chain(rule.attributes.values())
        });
        let all = attributes.chain(rules).flat_map(steps_in);
        all.filter(|step| steps.contains_key(step)).collect()
    }

    /// What its rules say.
    pub(crate) fn conditions(&self) -> impl Iterator<Item = &Expr> {
        self.rules.iter().map(|rule| &rule.condition)
    }

    /// The value of the attribute `name`, unless it was left open.
    pub(crate) fn set(&self, name: &str) -> Option<&Typed> {
        self.inputs.get(name).filter(|typed| typed.expr != Expr::Value(Value::None))
    }

    /// As the program holds it.
    pub(crate) fn lower(self, needs: &Needs, library: &Library) -> Step {
        let needs = needs.get(&self.name).into_iter().flatten().cloned().collect();
        let exec = self.signature.exec.clone().map(|exec| filled(exec, &self.inputs));
        let own: &[Port] = if exec.is_some() { &self.signature.outputs } else { &[] };
        let shaped = |port: &Port| Some((port.name.clone(), shape::of(&port.ty, library)?));
        let outputs = own.iter().filter_map(shaped).collect();
        let effects = if exec.is_some() { self.signature.effects.clone() } else { Vec::new() };
        let checks = self.signature.checks.iter().filter_map(|check| open(check, &self.inputs));
        let checks = checks.collect();
        let inputs = self.inputs.into_iter().map(|(name, typed)| (name, typed.expr)).collect();
        Step {
            name: self.name,
            doc: self.doc,
            kind: self.signature.kind.clone(),
            inputs,
            meta: said(self.meta),
            needs,
            rules: self.rules,
            checks,
            exec,
            outputs,
            effects,
            place: self.place,
        }
    }
}

/// The condition `check` of a signature for `inputs`, where it is parameters that decide it.
fn open(check: &Rule, inputs: &BTreeMap<String, Typed>) -> Option<Check> {
    let condition = filled(check.condition.clone(), inputs);
    let (mut by_params, mut later) = (false, false);
    let condition = crate::rewrite::rewritten(condition, &mut |expr| {
        by_params |= matches!(expr, Expr::Param(_));
        later |= matches!(expr, Expr::Output { .. } | Expr::Live(_));
        expr
    });
    (by_params && !later).then(|| Check { condition, text: check.text.clone() })
}

/// `exec` with the inputs put where their names stand.
fn filled(exec: Expr, inputs: &BTreeMap<String, Typed>) -> Expr {
    crate::rewrite::rewritten(exec, &mut |expr| match expr {
        Expr::Bound(port) => match inputs.get(port.as_str()) {
            Some(typed) => typed.expr.clone(),
            None => Expr::Bound(port),
        },
        Expr::Field(base, access) => stepped(*base, access),
        expr => crate::fold::folded(expr),
    })
}

impl<'a> Elaborator<'a> {
    /// The step that `instance` writes.
    pub(super) fn step(
        &mut self,
        instance: &Instance,
        stmt: &Stmt,
        scope: &Scope<'_>,
    ) -> Option<StepParts<'a>> {
        let kind = instance.kind.first()?;
        self.use_kind(&kind.node, At::new(scope.file, kind.span));
        let signature = self.step_kind(&kind.node, scope.file)?;
        let written = instance.name.as_ref();
        let at = At::new(scope.file, written.map_or(kind.span, |name| name.span));
        let name = written.map_or("", |name| &*name.node);
        let what = format!("`{} {name}`", kind.node);

        let common = self.record_ports(library::STEP);
        let ports: [&[Port]; 2] = [&signature.inputs, common];
        let mut inputs = self.attributes(&kind.node, &instance.body, &ports, scope);
        let is_common = |name: &String| {
            common.iter().any(|port| port.name == *name)
                && !signature.inputs.iter().any(|port| port.name == *name)
        };
        let (mut meta, mut own) = (BTreeMap::new(), BTreeMap::new());
        while let Some((name, typed)) = inputs.pop_first() {
            if is_common(&name) {
                meta.insert(name, typed)
            } else {
                own.insert(name, typed)
            };
        }
        let body = Some(instance.body.span);
        self.complete(&what, at, &mut own, &signature.inputs, body);
        self.complete(&what, at, &mut meta, common, body);
        let rules = self.rules(&instance.body, signature, &own, scope);
        Some(StepParts {
            name: Name::new(name).ok()?,
            at,
            signature,
            inputs: own,
            meta,
            rules,
            doc: stmt.doc.clone(),
            place: self.spot(At::new(scope.file, stmt.span)),
        })
    }

    fn rules(
        &mut self,
        body: &Block,
        signature: &Signature,
        inputs: &BTreeMap<String, Typed>,
        scope: &Scope<'_>,
    ) -> Vec<Rule> {
        let mut rules = Vec::new();
        for stmt in &body.items {
            match &stmt.kind {
                StmtKind::Attribute { .. } => {}
                StmtKind::Rule(rule) => {
                    let names = RuleNames { signature, inputs, verb: None };
                    rules.extend(self.rule(rule, stmt, names, scope));
                }
                _ => {
                    let place = format!("in `{}`", signature.kind);
                    self.misplaced(stmt, scope.file, &place);
                }
            }
        }
        rules
    }

    /// Tells of the conditions of its signature that `step` breaks, as far as that is known.
    pub(super) fn keeps_checks(
        &mut self,
        step: &StepParts<'_>,
        known: &dyn Fn(&Expr) -> Option<Value>,
    ) {
        self.keeps(step.signature, step.name.as_str(), step.at, &step.inputs, known);
    }

    /// Tells of the conditions of `signature` that `inputs` break, as far as that is known.
    pub(crate) fn keeps(
        &mut self,
        signature: &Signature,
        name: &str,
        at: At,
        inputs: &BTreeMap<String, Typed>,
        known: &dyn Fn(&Expr) -> Option<Value>,
    ) {
        for check in &signature.checks {
            let lookup = |expr: &Expr| match expr {
                Expr::Bound(port) => crate::fold::known(&inputs.get(port.as_str())?.expr, known),
                expr => known(expr),
            };
            if crate::fold::known(&check.condition, &lookup) != Some(Value::Bool(false)) {
                continue;
            }
            // Where the first attribute that the condition speaks of is set.
            let is_word = |c: char| !(c.is_alphanumeric() || c == '_');
            let ports = check.text.split(is_word).filter_map(|word| inputs.get(word));
            let at = ports.map(|typed| typed.at).next().unwrap_or(at);
            self.found.push(broken_check::new(at, name, &check.text));
        }
    }
}
