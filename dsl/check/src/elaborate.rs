//! Expressions: from the tree to resolved names, types and phases, in one walk.
//!
//! What is expected of an expression comes down the tree (it chooses between enums), what it is
//! comes up. [`Type::Unknown`] is the type of everything broken; it fits everywhere, so that one
//! mistake makes one error.

mod call;
mod collection;
pub(crate) mod field;
mod fit;
mod judge;
mod literal;
mod meant;
pub(crate) mod measured;
mod name;
pub(crate) mod operator;
pub(crate) mod run;
mod scope;
mod secret;
mod text;
pub(crate) mod zone;

pub(crate) use field::stepped;
pub(crate) use name::REFERENCE;
pub(crate) use scope::{PipelineNames, RuleNames, RunNames, Scope, StepName};

use crate::diagnostic::{At, Diagnostic};
use crate::diagnostics::{script_interpolation, type_mismatch, unhandled_none};
use crate::mention::{Meaning, Notes};
use crate::program::Expr;
use crate::source::Sources;
use crate::symbol::Symbols;
use crate::{JudgeFeature, Library, Phase, Port, Type};
use chrono_tz::Tz;
use std::collections::BTreeMap;
use std::rc::Rc;
use suho_domain::{Name, Value};
use suho_syntax::ast::{self, ExprKind, TextPart};

/// An expression with its type, when it is known, and where it stands.
#[derive(Clone, Debug)]
pub(crate) struct Typed {
    pub(crate) expr: Expr,
    pub(crate) ty: Type,
    pub(crate) phase: Phase,
    pub(crate) at: At,
}

impl Typed {
    /// A known value.
    pub(crate) const fn value(value: Value, ty: Type, at: At) -> Self {
        Self { expr: Expr::Value(value), ty, phase: Phase::Plan, at }
    }

    /// What an error was already said of.
    pub(crate) const fn broken(at: At) -> Self {
        Self::value(Value::None, Type::Unknown, at)
    }

    /// Whether an error was already said of it.
    pub(crate) fn is_broken(&self) -> bool {
        self.ty == Type::Unknown
    }
}

/// A name whose value is being found, or was.
#[derive(Clone, Debug)]
pub(crate) enum Found {
    /// It is being found: to ask again is a circle.
    Busy,
    /// It was found.
    Done(Typed),
}

/// Walks expressions of any file and gathers what is wrong.
#[derive(Debug)]
pub(crate) struct Elaborator<'a> {
    pub(crate) library: &'a Library,
    pub(crate) sources: &'a Sources,
    pub(crate) symbols: &'a Symbols<'a>,
    /// The catalogue's features; none where they go unchecked.
    pub(crate) features: Option<&'a [String]>,
    /// What judges their whole names; none where nobody can.
    pub(crate) judge: Option<JudgeFeature>,
    /// Which part of the library each kind comes from.
    pub(crate) modules: &'a BTreeMap<Name, String>,
    pub(crate) found: Vec<Diagnostic>,
    /// The zone that dates are read in: the pipeline's, else the project's, else UTC.
    pub(crate) zone: Tz,
    /// Kinds of steps that the project wants every gate to ask.
    pub(crate) evidence: Vec<String>,
    /// Whose models the project makes.
    pub(crate) scope: Option<Value>,
    /// Values of names, by where the name is given.
    known: BTreeMap<At, Found>,
    /// The names whose values are being found, each for the one before it.
    way: Vec<(String, At)>,
    /// What is noted down for editors; none where nobody asked.
    pub(crate) notes: Option<Notes>,
    /// Parameters of pipelines, by where the pipeline's name is given.
    params: BTreeMap<At, Rc<[Port]>>,
}

impl<'a> Elaborator<'a> {
    pub(crate) fn new(
        library: &'a Library,
        sources: &'a Sources,
        symbols: &'a Symbols<'a>,
        features: Option<&'a [String]>,
        modules: &'a BTreeMap<Name, String>,
    ) -> Self {
        Self {
            library,
            sources,
            symbols,
            features,
            judge: None,
            modules,
            found: Vec::new(),
            zone: Tz::UTC,
            evidence: Vec::new(),
            scope: None,
            known: BTreeMap::new(),
            way: Vec::new(),
            notes: None,
            params: BTreeMap::new(),
        }
    }

    /// `expr`, which must be of type `expected`.
    pub(crate) fn check(&mut self, expr: &ast::Expr, expected: &Type, scope: &Scope<'_>) -> Typed {
        if let (Type::Form(form), ExprKind::Text(parts)) = (expected.plain(), &expr.kind)
            && form == crate::form::SCRIPT
            && parts.iter().any(|part| matches!(part, TextPart::Expr(_)))
        {
            let at = At::new(scope.file, expr.span);
            return self.broken(at, script_interpolation::new(at));
        }
        let typed = self.infer(expr, expected, scope);
        self.fit(typed, expected)
    }

    /// `expr` with its own type; `hint` chooses between enums and records.
    pub(crate) fn infer(&mut self, expr: &ast::Expr, hint: &Type, scope: &Scope<'_>) -> Typed {
        let at = At::new(scope.file, expr.span);
        match &expr.kind {
            ExprKind::Missing => Typed::broken(at),
            ExprKind::Number(_)
            | ExprKind::Quantity(_)
            | ExprKind::Money(_)
            | ExprKind::Date(_)
            | ExprKind::Instant(_)
            | ExprKind::Version(_) => {
                let typed = self.literal(&expr.kind, at);
                if !matches!(typed.ty, Type::Unknown | Type::Int | Type::Float) {
                    self.note(at, &typed.ty, None, || Meaning::Literal);
                }
                typed
            }
            ExprKind::Text(parts) => self.text(parts, at, scope),
            ExprKind::RawText(text) => Typed::value(Value::text(&**text), Type::Text, at),
            ExprKind::Name(name) => self.name(name, at, hint, scope),
            ExprKind::List(items) => self.list(items, at, hint, scope),
            ExprKind::Comprehension { name, source, condition, item } => {
                let comprehension = collection::Comprehension {
                    name,
                    source,
                    condition: condition.as_deref(),
                    item,
                };
                self.comprehension(&comprehension, at, hint, scope)
            }
            ExprKind::Record(fields) => self.record(fields, at, hint, scope),
            ExprKind::If(condition, then, otherwise) => {
                self.choice(condition, then, otherwise, at, hint, scope)
            }
            ExprKind::Unary(operator, operand) => self.unary(operator, operand, at, hint, scope),
            ExprKind::Binary(operator, left, right) => {
                self.binary(operator, left, right, at, hint, scope)
            }
            ExprKind::Call(callee, args) => self.call(callee, args, at, hint, scope),
            ExprKind::Index(list, index) => self.index(list, index, at, scope),
            ExprKind::Field { base, name, optional } => {
                self.field(base, name, *optional, at, scope)
            }
            ExprKind::With(base, fields) => self.with(base, fields, at, hint, scope),
            ExprKind::Paren(inner) => Typed { at, ..self.infer(inner, hint, scope) },
        }
    }

    /// `if c then a else b`.
    fn choice(
        &mut self,
        condition: &ast::Expr,
        then: &ast::Expr,
        otherwise: &ast::Expr,
        at: At,
        hint: &Type,
        scope: &Scope<'_>,
    ) -> Typed {
        let condition = self.check(condition, &Type::Bool, scope);
        let then = self.infer(then, hint, scope);
        let otherwise = self.infer(otherwise, hint, scope);
        let otherwise = self.fit(otherwise, &then.ty);
        let phase = condition.phase.max(then.phase).max(otherwise.phase);
        let ty = then.ty.clone();
        let expr = match condition.expr {
            Expr::Value(Value::Bool(true)) => then.expr,
            Expr::Value(Value::Bool(false)) => otherwise.expr,
            condition => Expr::If(Box::new((condition, then.expr, otherwise.expr))),
        };
        Typed { expr, ty, phase, at }
    }

    /// `list[index]`.
    fn index(&mut self, list: &ast::Expr, index: &ast::Expr, at: At, scope: &Scope<'_>) -> Typed {
        let list = self.infer(list, &Type::Unknown, scope);
        let index = self.check(index, &Type::Int, scope);
        let phase = list.phase.max(index.phase);
        match &list.ty {
            Type::List(of) => {
                let ty = (**of).clone();
                let call = vec![(None, list.expr), (None, index.expr)];
                Typed { expr: Expr::Call("at".to_owned(), call), ty, phase, at }
            }
            Type::Unknown => Typed::broken(at),
            other => {
                let got = other.to_string();
                self.broken(at, type_mismatch::new(list.at, "a list", &got))
            }
        }
    }

    /// Tells `diagnostic` and stands in for the expression it is about.
    pub(crate) fn broken(&mut self, at: At, diagnostic: Diagnostic) -> Typed {
        self.found.push(diagnostic);
        Typed::broken(at)
    }

    /// `typed` without its `?`; outside rules that is a mistake.
    ///
    /// In a rule a baseline that is not there makes the rule not applicable, so nothing need be
    /// said. Answers whether there was a `?`.
    pub(crate) fn present(&mut self, typed: Typed, scope: &Scope<'_>) -> (Typed, bool) {
        let Type::Optional(inner) = &typed.ty else { return (typed, false) };
        let inner = (**inner).clone();
        if scope.rule.is_none() && !scope.is_test {
            let got = typed.ty.to_string();
            self.found.push(unhandled_none::value(typed.at, &inner.to_string(), &got));
            return (Typed::broken(typed.at), false);
        }
        (Typed { ty: inner, ..typed }, true)
    }
}
