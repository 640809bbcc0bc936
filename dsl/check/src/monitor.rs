//! `monitor prod { … }`: whom it watches, its alerts and its looks for drift.

mod window;

use crate::block::said;
use crate::diagnostic::At;
use crate::diagnostics::{duplicate, missing_attribute, uncorrected_tests};
use crate::elaborate::{Elaborator, RuleNames, Scope, Typed};
use crate::program::{Expr, Monitor, Rule, Watch};
use crate::{FileId, Phase, Signature, Type};
use std::collections::BTreeMap;
use suho_domain::{Name, Value};
use suho_syntax::ast::{Instance, Span, Stmt, StmtKind};

/// The record of the library that lists a monitor's attributes.
pub(crate) const MONITOR: &str = "MonitorAttributes";
/// What [`Type::Form`] an alert is, where one is named.
const ALERT: &str = "Alert";
/// The kind whose rules are about what is measured all the time.
const ALERTS: &str = "alert";

impl Elaborator<'_> {
    /// The monitor that `instance` writes.
    pub(crate) fn monitor(
        &mut self,
        instance: &Instance,
        stmt: &Stmt,
        file: FileId,
    ) -> Option<Monitor> {
        let written = instance.name.as_ref()?;
        let at = At::new(file, written.span);
        let scope = Scope::of_file(file);
        let ports = self.record_ports(MONITOR);
        let mut given = self.attributes("monitor", &instance.body, &[ports], &scope);
        let what = format!("`monitor {}`", written.node);
        self.complete(&what, at, &mut given, ports, Some(instance.body.span));
        let attributes = said(given);
        let watched = attributes.get("model").cloned();
        let mut watches = Vec::new();
        let mut seen: BTreeMap<&str, At> = BTreeMap::new();
        for each in &instance.body.items {
            match &each.kind {
                StmtKind::Attribute { .. } => {}
                StmtKind::Instance(inner) => {
                    let Some(name) = &inner.name else {
                        self.misplaced(each, file, "in a monitor");
                        continue;
                    };
                    let at = At::new(file, name.span);
                    if let Some(first) = seen.insert(&name.node, at) {
                        self.found.push(duplicate::new(at, &name.node, first));
                        continue;
                    }
                    watches.extend(self.watch(inner, each, watched.as_ref(), file));
                }
                _ => self.misplaced(each, file, "in a monitor"),
            }
        }
        let place = self.spot(At::new(file, stmt.span));
        let name = Name::new(&*written.node).ok()?;
        Some(Monitor { name, doc: stmt.doc.clone(), attributes, watches, place })
    }

    /// The alert, or look for drift, that `instance` writes.
    fn watch(
        &mut self,
        instance: &Instance,
        stmt: &Stmt,
        watched: Option<&Expr>,
        file: FileId,
    ) -> Option<Watch> {
        let (library, scope) = (self.library, Scope::of_file(file));
        let kind = instance.kind.first()?;
        let kind_at = At::new(file, kind.span);
        let Some(signature) = library.watches.get(kind.node.as_str()) else {
            self.no_kind(&kind.node, kind_at, library.watches.keys().map(Name::as_str));
            return None;
        };
        self.use_kind(&kind.node, kind_at);
        let written = instance.name.as_ref()?;
        let at = At::new(file, written.span);
        let what = format!("`{} {}`", kind.node, written.node);
        let mut inputs = self.attributes(&kind.node, &instance.body, &[&signature.inputs], &scope);
        self.complete(&what, at, &mut inputs, &signature.inputs, Some(instance.body.span));
        self.keeps(signature, &written.node, at, &inputs, &|_| None);
        self.tests_are_corrected(&inputs, watched);
        if let Some(schedule) = inputs.get("schedule") {
            self.has_sessions(schedule);
        }
        let (fire, resolve) = self.fires(instance, signature, &inputs, &scope)?;
        let mut attributes = said(inputs);
        let (mut fire, mut resolve) = (fire, resolve);
        if signature.kind.as_str() == ALERTS {
            window::fill(&mut fire, resolve.as_mut(), &mut attributes);
            resolve = resolve.or_else(|| window::resolve(&fire));
        }
        Some(Watch {
            name: Name::new(&*written.node).ok()?,
            doc: stmt.doc.clone(),
            kind: signature.kind.clone(),
            attributes,
            fire,
            resolve,
            place: self.spot(At::new(file, stmt.span)),
        })
    }

    /// The rules of a watch: when it fires, and when it stops.
    fn fires(
        &mut self,
        instance: &Instance,
        signature: &Signature,
        inputs: &BTreeMap<String, Typed>,
        scope: &Scope<'_>,
    ) -> Option<(Rule, Option<Rule>)> {
        let names = RuleNames { signature, inputs, verb: None };
        let (mut fire, mut resolve) = (None, None);
        let mut seen: BTreeMap<&str, At> = BTreeMap::new();
        for each in &instance.body.items {
            let StmtKind::Rule(written) = &each.kind else {
                if !matches!(each.kind, StmtKind::Attribute { .. }) {
                    let place = format!("in `{}`", signature.kind);
                    self.misplaced(each, scope.file, &place);
                }
                continue;
            };
            let verb = &*written.verb.node;
            let at = At::new(scope.file, written.verb.span);
            let rule = self.rule(written, each, names, scope);
            if let Some(first) = seen.insert(verb, at) {
                self.found.push(duplicate::new(at, verb, first));
            } else if verb == "resolve" {
                resolve = rule;
            } else {
                fire = rule;
            }
        }
        let body = At::new(scope.file, instance.body.span);
        if !seen.contains_key("fire") && !self.sources.is_broken(body) {
            let name = instance.name.as_ref();
            let at = At::new(scope.file, name.map_or(instance.body.span, |name| name.span));
            let what = format!("`{} {}`", signature.kind, name.map_or("", |name| &*name.node));
            self.found.push(missing_attribute::rule(at, &what, "fire when …"));
        }
        Some((fire?, resolve))
    }

    /// Tells when features are tested one by one, none corrected for the others.
    fn tests_are_corrected(&mut self, inputs: &BTreeMap<String, Typed>, watched: Option<&Expr>) {
        let Some(typed) = inputs.get("test") else { return };
        let Expr::Value(test) = &typed.expr else { return };
        let is_raw = test.field("method").is_some_and(|it| it.to_string() == "uncalibrated");
        let is_corrected = test.field("correction").is_some_and(|it| *it != Value::None);
        let (true, false, Some(Value::Ratio(alpha))) =
            (is_raw, is_corrected, test.field("alpha").cloned())
        else {
            return;
        };
        let features = watched.and_then(|watched| self.features_of(watched));
        self.found.push(uncorrected_tests::new(typed.at, alpha, features));
    }

    /// How many features the model that is watched sees, where its definition is at hand.
    fn features_of(&mut self, watched: &Expr) -> Option<usize> {
        let Expr::Value(watched) = watched else { return None };
        let name = watched.field("name")?.as_text()?;
        let (named, instance) = self.symbols.resource(name, "model")?;
        let typed = self.resource(instance, named);
        match typed.expr {
            Expr::Value(model) => match model.field("features")? {
                Value::List(features) => Some(features.len()),
                _ => None,
            },
            _ => None,
        }
    }
}

/// The watch of a monitor that is called `name`: its kind, and where its name stands.
pub(crate) fn watch_called<'i>(instance: &'i Instance, name: &str) -> Option<(&'i str, Span)> {
    instance.body.items.iter().find_map(|stmt| match &stmt.kind {
        StmtKind::Instance(inner) => {
            let written = inner.name.as_ref().filter(|written| written.node == name)?;
            Some((&*inner.kind.first()?.node, written.span))
        }
        _ => None,
    })
}

/// A monitor as a value: its alerts, by name.
pub(crate) fn watched(instance: &Instance, at: At) -> Typed {
    let monitor = instance.name.as_ref().map_or("", |name| &*name.node);
    let (mut fields, mut types) = (BTreeMap::new(), BTreeMap::new());
    for stmt in &instance.body.items {
        let StmtKind::Instance(inner) = &stmt.kind else { continue };
        let Some(name) = &inner.name else { continue };
        let path = Value::text(format!("{monitor}.{}", name.node));
        fields.insert(name.node.clone(), Expr::Value(path));
        types.insert(name.node.clone(), Type::Form(ALERT.to_owned()));
    }
    Typed { expr: Expr::Record(fields), ty: Type::Fields(types), phase: Phase::Plan, at }
}
