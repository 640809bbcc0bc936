//! `x.name` and `x?.name`.

use super::{Elaborator, Scope, Typed};
use crate::diagnostic::At;
use crate::diagnostics::{baseline_metric, unhandled_none, unknown_field};
use crate::mention::{Meaning, Wanted};
use crate::program::{Access, Expr};
use crate::symbol::{Named, Symbol};
use crate::{Phase, Port, Type};
use suho_domain::Value;
use suho_syntax::ast::{self, ExprKind, Spanned};

/// The records of the library that hold the fields of models and data sets.
const MODEL: &str = "Model";
const DATASET: &str = "Dataset";
/// The enum of the library that lists the places in a model's life; tests may ask for it.
const LIFE: &str = "Life";

impl Elaborator<'_> {
    /// The field `name` of `base`.
    pub(super) fn field(
        &mut self,
        base: &ast::Expr,
        name: &Spanned<String>,
        optional: bool,
        at: At,
        scope: &Scope<'_>,
    ) -> Typed {
        let special = self.qualified(base, name, at, scope);
        if let Some(typed) = special.or_else(|| self.measured(base, name, at, scope)) {
            return typed;
        }
        let written = self.sources.slice(At::new(scope.file, base.span));
        let written_base = base;
        let base = self.infer(base, &Type::Unknown, scope);
        if base.is_broken() {
            return Typed::broken(at);
        }
        let field_at = At::new(scope.file, name.span);
        let is_optional = matches!(base.ty, Type::Optional(_));
        let inner = base.ty.plain().clone();
        let life = scope.is_test && name.node == "status" && matches!(inner, Type::Model(_));
        let known = life.then(|| (Type::Enum(LIFE.to_owned()), None));
        if self.is_asked(field_at) {
            self.want(Wanted::Field(inner.clone()));
        }
        let Some((ty, phase)) = known.or_else(|| self.field_type(&inner, &name.node)) else {
            return self.no_field(&inner, &written, name, at, scope);
        };
        if is_optional && !optional && scope.rule.is_none() && !scope.is_test {
            let what = format!("`{written}`");
            return self.broken(at, unhandled_none::field(base.at, &what, field_at));
        }
        let ty = match ty {
            Type::Optional(_) => ty,
            ty if is_optional => Type::Optional(Box::new(ty)),
            ty => ty,
        };
        self.note_field_of(written_base, &inner, name, &ty, scope);
        let access = Access { field: name.node.clone(), optional: optional || is_optional };
        let phase = phase.map_or(base.phase, |phase| base.phase.min(phase));
        Typed { expr: stepped(base.expr, access), ty, phase, at }
    }

    /// `Activation.relu`: a choice with its enum before it.
    fn qualified(
        &mut self,
        base: &ast::Expr,
        name: &Spanned<String>,
        at: At,
        scope: &Scope<'_>,
    ) -> Option<Typed> {
        let ExprKind::Name(of) = &base.kind else { return None };
        if self.place(of, scope).is_some() || !self.library.enums.contains_key(of) {
            return None;
        }
        let of = of.clone();
        self.note_word(At::new(scope.file, base.span), || Meaning::Type(of.clone()));
        let name_at = At::new(scope.file, name.span);
        if self.is_asked(name_at) {
            self.want(Wanted::Choice(of.clone()));
        }
        let of = Type::Enum(of);
        self.note_choice(name_at, &of, &name.node);
        Some(self.variant(&of, &name.node, &[], at, scope))
    }

    /// Notes the field `name` of `base`, whose type is `of`.
    fn note_field_of(
        &mut self,
        base: &ast::Expr,
        of: &Type,
        name: &Spanned<String>,
        ty: &Type,
        scope: &Scope<'_>,
    ) {
        if self.notes.is_none() {
            return;
        }
        let at = At::new(scope.file, name.span);
        let ExprKind::Name(word) = &base.kind else {
            return self.note_field(at, of, &name.node, ty);
        };
        if word == super::REFERENCE && scope.rule.is_some() {
            return self.note(at, ty, None, || Meaning::Metric(name.node.clone()));
        }
        match self.symbols.get(scope.file, word) {
            // An alert of a monitor.
            Some(Named { at: given, symbol: Symbol::Monitor(instance) }) => {
                let watch = crate::monitor::watch_called(instance, &name.node);
                let Some((kind, place)) = watch else { return };
                let place = At::new(given.file, place);
                self.note(at, ty, Some(place), || Meaning::Block(kind.to_owned()));
            }
            _ if scope.is_test && name.node == "status" && matches!(of, Type::Model(_)) => {
                self.note(at, ty, None, || Meaning::Ambient(name.node.clone()));
            }
            _ => self.note_field(at, of, &name.node, ty),
        }
    }

    /// The type of a field, and for the outputs of a step when they are known.
    pub(crate) fn field_type(&self, of: &Type, name: &str) -> Option<(Type, Option<Phase>)> {
        let port = |ports: &[Port]| ports.iter().find(|port| port.name == name).cloned();
        let record = |record: &str| {
            let port = port(self.library.records.get(record)?)?;
            Some((port.ty, None))
        };
        match of {
            Type::Outputs(kind) => {
                let port = port(&self.library.steps.get(kind)?.outputs)?;
                Some((port.ty, Some(port.phase)))
            }
            Type::Record(name) => record(name),
            Type::Model(_) => record(MODEL),
            Type::Dataset(_) => record(DATASET),
            Type::Fields(fields) => fields.get(name).map(|ty| (ty.clone(), None)),
            Type::Range(of) => matches!(name, "start" | "end").then(|| ((**of).clone(), None)),
            _ => None,
        }
    }

    fn no_field(
        &mut self,
        of: &Type,
        written: &str,
        name: &Spanned<String>,
        at: At,
        scope: &Scope<'_>,
    ) -> Typed {
        if matches!(of, Type::Model(_)) && self.library.metrics.contains_key(&name.node) {
            let steps = scope.pipeline.into_iter().flat_map(|pipeline| &pipeline.steps);
            let evaluate = steps
                .filter(|(_, step)| step.against == Some(written))
                .find(|(_, step)| {
                    let outputs = step.signature.map(|signature| &*signature.outputs);
                    let outputs = outputs.unwrap_or_default();
                    outputs.iter().any(|port| port.name == "baseline")
                        && outputs.iter().any(|port| port.name == name.node)
                })
                .map(|(name, _)| *name);
            let found = baseline_metric::new(at, written, &name.node, evaluate);
            return self.broken(at, found);
        }
        let names = |ports: &[Port]| ports.iter().map(|port| port.name.clone()).collect();
        let record = |name: &str| self.library.records.get(name).map(|fields| names(fields));
        let known: Vec<String> = match of {
            Type::Outputs(kind) => self.library.steps.get(kind).map(|step| names(&step.outputs)),
            Type::Record(name) => record(name),
            Type::Model(_) => record(MODEL),
            Type::Dataset(_) => record(DATASET),
            Type::Fields(fields) => Some(fields.keys().cloned().collect()),
            Type::Range(_) => Some(vec!["start".to_owned(), "end".to_owned()]),
            _ => None,
        }
        .unwrap_or_default();
        let known: Vec<&str> = known.iter().map(String::as_str).collect();
        let what = match of {
            Type::Outputs(kind) => format!("`{written}` (`{kind}`)"),
            Type::Fields(_) => format!("`{written}`"),
            of => format!("`{of}`"),
        };
        let field_at = At::new(scope.file, name.span);
        self.broken(at, unknown_field::new(field_at, &what, &name.node, &known))
    }
}

/// `access` into `base`, known at once where `base` is.
pub(crate) fn stepped(base: Expr, access: Access) -> Expr {
    match base {
        Expr::Output { step, mut path } => {
            path.push(access);
            Expr::Output { step, path }
        }
        Expr::Live(name) => Expr::Live(format!("{name}.{}", access.field)),
        Expr::Value(value) => match (value.field(&access.field), &value) {
            (Some(field), _) => Expr::Value(field.clone()),
            (None, Value::None) => Expr::Value(Value::None),
            _ => Expr::Field(Box::new(Expr::Value(value)), access),
        },
        Expr::Record(mut fields) if fields.contains_key(&access.field) => {
            fields.remove(&access.field).unwrap_or(Expr::Value(Value::None))
        }
        // What is changed beside the field asked for does not matter to it.
        Expr::With(base, mut fields) => match fields.remove(&access.field) {
            Some(field) => field,
            None => stepped(*base, access),
        },
        base => Expr::Field(Box::new(base), access),
    }
}
