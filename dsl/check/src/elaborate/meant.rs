//! What an author meant: the name nearest to one that nothing has, the value inside quotes.

use super::{Elaborator, Found, Scope, Typed};
use crate::diagnostic::Diagnostic;
use crate::near::nearest;
use crate::program::Expr;
use crate::symbol::Symbol;
use crate::{Port, Type};
use suho_domain::units::{Duration, Money, Period, Pips, Points, Ratio};
use suho_domain::{Instant, Value, Version};

/// Words that are true or false elsewhere.
const TRUTHS: [(&str, &str); 4] =
    [("yes", "true"), ("on", "true"), ("no", "false"), ("off", "false")];

/// Mistakes after which no names are suggested: more than are shown, and each looks at every name.
const SUGGESTIONS_MAX: usize = 100;

impl Elaborator<'_> {
    /// The name in sight that `name` was meant to be where `hint` is expected: of those whose type
    /// fits if one is near enough, else of all.
    pub(super) fn meant<'n>(
        &'n self,
        name: &str,
        hint: &Type,
        scope: &'n Scope<'_>,
    ) -> Option<&'n str> {
        let hint = hint.plain();
        if self.found.len() > SUGGESTIONS_MAX {
            return None;
        }
        if *hint == Type::Bool
            && let Some((_, ours)) = TRUTHS.iter().find(|(theirs, _)| *theirs == name)
        {
            return Some(ours);
        }
        let fits = |each: &&str| self.type_of(each, scope).is_some_and(|ty| *ty.plain() == *hint);
        let fitting = self.names_in_sight(scope).into_iter().filter(fits);
        nearest(name, fitting).or_else(|| nearest(name, self.names_in_sight(scope)))
    }

    /// The type of a name in sight, as far as it is known without looking further.
    fn type_of(&self, name: &str, scope: &Scope<'_>) -> Option<Type> {
        if let Some((_, ty, _)) =
            scope.bound.iter().rev().find(|(bound, ..)| bound.as_str() == name)
        {
            return Some(ty.clone());
        }
        if let Some(pipeline) = scope.pipeline {
            if let Some((ty, _)) = pipeline.params.get(name) {
                return Some(ty.clone());
            }
            if let Some(signature) = pipeline.steps.get(name).and_then(|step| step.signature) {
                return Some(match signature.outputs.as_slice() {
                    [only] if only.name == "self" => only.ty.clone(),
                    _ => Type::Outputs(signature.kind.clone()),
                });
            }
        }
        let named = self.symbols.get(scope.file, name)?;
        if let Symbol::Resource(instance) = named.symbol {
            let signature = self.library.resources.get(instance.kind.first()?.node.as_str())?;
            return signature.outputs.first().map(|port| port.ty.clone());
        }
        match self.known.get(&named.at)? {
            Found::Done(typed) => Some(typed.ty.clone()),
            Found::Busy => None,
        }
    }

    /// `found`, with the way out of a value in quotes where `expected` is needed without.
    pub(super) fn unquoted(
        &self,
        found: Diagnostic,
        typed: &Typed,
        text: Option<&str>,
        expected: &Type,
    ) -> Diagnostic {
        let is_quoted = self.sources.slice(typed.at).starts_with('"');
        match text.filter(|text| is_quoted && self.reads_as(text, expected.plain())) {
            Some(text) => found.label("a text").fix(
                format!("write `{text}` without quotes"),
                typed.at.span,
                text,
            ),
            None => found,
        }
    }

    /// Whether `text` would be a value of `ty`, were it not in quotes.
    fn reads_as(&self, text: &str, ty: &Type) -> bool {
        let plain = text.replace('_', "");
        match ty {
            Type::Bool => matches!(text, "true" | "false"),
            Type::Int => plain.parse::<i64>().is_ok(),
            Type::Float => plain.parse::<f64>().is_ok_and(f64::is_finite),
            Type::Ratio => text.parse::<Ratio>().is_ok(),
            Type::Points => text.parse::<Points>().is_ok(),
            Type::Pips => text.parse::<Pips>().is_ok(),
            Type::Duration => text.parse::<Duration>().is_ok(),
            Type::Period => text.parse::<Period>().is_ok(),
            Type::Money => text.parse::<Money>().is_ok(),
            Type::Date => text.parse::<chrono::NaiveDate>().is_ok(),
            Type::Instant => text.parse::<Instant>().is_ok(),
            Type::Version => text.parse::<Version>().is_ok(),
            Type::Enum(of) => self.library.enums.get(of).is_some_and(|choices| {
                let is_whole = |fields: &[Port]| fields.iter().all(|field| field.default.is_some());
                choices.iter().any(|choice| choice.name == text && is_whole(&choice.fields))
            }),
            _ => false,
        }
    }
}

/// The text that `typed` is, if it is known to be one.
pub(super) fn text(typed: &Typed) -> Option<String> {
    match &typed.expr {
        Expr::Value(Value::Text(text)) => Some(text.clone()),
        _ => None,
    }
}
