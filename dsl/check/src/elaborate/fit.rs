//! Whether a value may stand where a type is expected, and what becomes of it there.
//!
//! The conversions there are: an `Int` literal is a `Float`, a text of the right form is a
//! `Symbol`, a duration is a `Timeframe`, a set of features is its columns, a date is the instant
//! it begins at in the pipeline's zone, a number is a choice that holds just that number. Nothing
//! else is converted.

use super::{Elaborator, Typed, meant};
use crate::Type;
use crate::diagnostic::Diagnostic;
use crate::diagnostics::{
    cron_never_fires, image_without_digest, invalid_text, lifecycle, period_for_duration,
    script_interpolation, secret_leak, type_mismatch, unhandled_none, unit_mismatch,
    unknown_feature, unknown_kind, unknown_role,
};
use crate::form;
use crate::near::nearest;
use crate::program::{Access, Expr};
use suho_domain::units::Ratio;
use suho_domain::{Name, Stage, Timeframe, Value};
use suho_time::{Cron, CronError};

/// The record that stands for its columns.
pub(crate) const FEATURES: &str = "FeatureSet";
const COLUMN: &str = "Column";
/// The enum of the library that lists who people are.
const ROLES: &str = "RoleName";

impl Elaborator<'_> {
    /// `typed` as a value of `expected`; tells when it cannot be one.
    pub(crate) fn fit(&mut self, typed: Typed, expected: &Type) -> Typed {
        if typed.is_broken() || *expected == Type::Unknown || typed.ty == *expected {
            return typed;
        }
        let (text, broken) = (meant::text(&typed), Typed::broken(typed.at));
        match self.convert(typed, expected) {
            Ok(typed) => typed,
            Err(diagnostic) => {
                let found = self.unquoted(*diagnostic, &broken, text.as_deref(), expected);
                self.found.push(found);
                broken
            }
        }
    }

    fn convert(&mut self, typed: Typed, expected: &Type) -> Result<Typed, Box<Diagnostic>> {
        let as_expected = |typed: Typed| Ok(Typed { ty: expected.clone(), ..typed });
        match (&typed.ty, expected) {
            (Type::Optional(inner), Type::Optional(wanted)) => {
                if **inner == Type::Unknown {
                    return as_expected(typed);
                }
                let inner = Typed { ty: (**inner).clone(), ..typed };
                self.convert_all(inner, wanted, expected)
            }
            (_, Type::Optional(wanted)) => self.convert_all(typed, wanted, expected),
            (Type::Optional(_), wanted) => {
                let got = typed.ty.to_string();
                Err(unhandled_none::value(typed.at, &wanted.to_string(), &got).into())
            }
            (Type::Int, Type::Float) => match typed.expr {
                Expr::Value(Value::Int(number)) => {
                    Ok(Typed::value(Value::Float(number as f64), Type::Float, typed.at))
                }
                _ => Err(mismatch(&typed, expected).into()),
            },
            (Type::Secret(_), wanted) if !keeps_secrets(wanted) => {
                let got = typed.ty.to_string();
                Err(secret_leak::elsewhere(typed.at, &got, &wanted.to_string()).into())
            }
            (_, Type::Form(form)) => self.convert_form(typed, form, expected),
            (Type::Form(_), Type::Text) => as_expected(typed),
            (Type::Record(set), Type::List(of))
                if set == FEATURES && **of == Type::Form(COLUMN.to_owned()) =>
            {
                let access = Access { field: "columns".to_owned(), optional: false };
                let expr = super::field::stepped(typed.expr, access);
                as_expected(Typed { expr, ..typed })
            }
            (Type::List(of), Type::List(wanted)) => {
                let of = (**of).clone();
                self.convert_list(typed, &of, wanted, expected)
            }
            (Type::Fields(_), Type::Record(_) | Type::Map(..)) => {
                self.convert_fields(typed, expected)
            }
            (Type::Date, Type::Instant) => as_expected(self.in_zone(typed)),
            (Type::Range(from), Type::Range(to))
                if (&**from, &**to) == (&Type::Date, &Type::Instant) =>
            {
                as_expected(self.in_zone(typed))
            }
            (Type::Run(_), Type::Run(None)) => Ok(typed),
            (_, Type::Enum(of)) => match self.sole(of, &typed.ty) {
                Some((choice, field)) => {
                    let fields = [(field, typed.expr)].into_iter().collect();
                    let expr = crate::fold::variant(&choice, fields);
                    Ok(Typed { expr, ty: expected.clone(), ..typed })
                }
                None => Err(mismatch(&typed, expected).into()),
            },
            (Type::Model(got), Type::Model(needed)) => {
                let missing = self.between(*got, *needed);
                let missing: Vec<&str> = missing.iter().map(String::as_str).collect();
                Err(lifecycle::new(typed.at, *needed, *got, &missing).into())
            }
            _ => Err(mismatch(&typed, expected).into()),
        }
    }

    /// As `wanted`, then called `expected` (its optional).
    fn convert_all(
        &mut self,
        typed: Typed,
        wanted: &Type,
        expected: &Type,
    ) -> Result<Typed, Box<Diagnostic>> {
        let typed = if typed.ty == *wanted { typed } else { self.convert(typed, wanted)? };
        Ok(Typed { ty: expected.clone(), ..typed })
    }

    fn convert_form(
        &mut self,
        typed: Typed,
        form: &str,
        expected: &Type,
    ) -> Result<Typed, Box<Diagnostic>> {
        let as_expected = |typed: Typed| Ok(Typed { ty: expected.clone(), ..typed });
        match (&typed.ty, &typed.expr, form) {
            (Type::Int, Expr::Value(Value::Int(number)), "Share") if *number > 0 => {
                as_expected(typed)
            }
            (Type::Ratio, Expr::Value(Value::Ratio(share)), "Share")
                if *share > Ratio::new(0.into()) =>
            {
                as_expected(typed)
            }
            (Type::Int | Type::Ratio, _, "Share") => {
                let sentence = "a share is a whole number or a percentage above zero".to_owned();
                Err(invalid_text::new(typed.at, sentence).into())
            }
            (Type::Duration, Expr::Value(Value::Duration(duration)), "Timeframe") => {
                match Timeframe::from_duration(*duration) {
                    Ok(timeframe) => {
                        let text = Value::text(timeframe.to_string());
                        Ok(Typed::value(text, expected.clone(), typed.at))
                    }
                    Err(error) => Err(invalid_text::new(typed.at, error.to_string()).into()),
                }
            }
            (_, Expr::Output { path, .. }, "Step") if path.is_empty() => as_expected(typed),
            (ty, _, "Json") if is_plain(ty) => as_expected(typed),
            (ty, _, "Variable") if is_one(ty) => as_expected(typed),
            (Type::Secret(of), _, "Variable") if is_one(of) => as_expected(typed),
            (ty, _, "Json") if holds_secret(ty) => {
                let got = typed.ty.to_string();
                Err(secret_leak::elsewhere(typed.at, &got, form).into())
            }
            (Type::Model(_) | Type::Dataset(_) | Type::Record(_), _, "Json" | "Variable") => {
                let found = mismatch(&typed, expected);
                Err(found.help("name one of its fields, as in `model.id`").into())
            }
            (Type::Text, Expr::Value(Value::Text(text)), form) if form::is_of_texts(form) => {
                let text = text.clone();
                self.validate(form, &text, &typed)?;
                as_expected(typed)
            }
            (Type::Text, Expr::Text(_), form::SCRIPT) => {
                Err(script_interpolation::new(typed.at).into())
            }
            // What it becomes is known later; its form is checked then.
            (Type::Text, Expr::Text(_), form) if form::is_of_texts(form) => as_expected(typed),
            (Type::Text, Expr::Param(_) | Expr::Bound(_), form::SCRIPT) => as_expected(typed),
            _ => Err(mismatch(&typed, expected).into()),
        }
    }

    /// Whether `text` has the form `form`, and means something where the form is a name.
    fn validate(&mut self, form: &str, text: &str, typed: &Typed) -> Result<(), Box<Diagnostic>> {
        let at = typed.at;
        match form {
            "Cron" => match text.parse::<Cron>() {
                Ok(_) => Ok(()),
                Err(error @ CronError::NeverFires { .. }) => {
                    Err(cron_never_fires::new(at, &error.to_string()).into())
                }
                Err(error) => Err(invalid_text::new(at, error.to_string()).into()),
            },
            "Role" => {
                let roles = self.library.enums.get(ROLES).into_iter().flatten();
                let known: Vec<&str> = roles.map(|role| &*role.name).collect();
                if known.contains(&text) {
                    return Ok(());
                }
                Err(unknown_role::new(at, text, &known).into())
            }
            "Kind" if !self.library.steps.contains_key(text) => {
                let near = nearest(text, self.library.steps.keys().map(Name::as_str));
                Err(unknown_kind::new(at, text, near).into())
            }
            form => {
                form::validate(form, text).map_err(|why| invalid_text::new(at, why))?;
                if form == "Image" && !text.contains("@sha256:") {
                    self.found.push(image_without_digest::new(at, text));
                }
                if form == COLUMN { self.known_feature(text, typed) } else { Ok(()) }
            }
        }
    }

    /// Whether the catalogue has the feature `name`, with whatever numbers.
    fn known_feature(&self, name: &str, typed: &Typed) -> Result<(), Box<Diagnostic>> {
        let Some(features) = self.features else { return Ok(()) };
        // A modifier (`rsi_14__lag_3`) changes the feature before it; which there are, and which
        // numbers, is the judge's matter.
        let plain = name.split("__").next().unwrap_or(name);
        let shape = shape(plain);
        if features.iter().any(|feature| *feature == plain || self::shape(feature) == shape) {
            let judged = self.judge.map_or(Ok(()), |judge| judge(name));
            return judged.map_err(|no| unknown_feature::judged(typed.at, no).into());
        }
        let near = nearest(name, features.iter().map(String::as_str));
        Err(unknown_feature::new(typed.at, name, near).into())
    }

    fn convert_list(
        &mut self,
        typed: Typed,
        of: &Type,
        wanted: &Type,
        expected: &Type,
    ) -> Result<Typed, Box<Diagnostic>> {
        let items = match typed.expr {
            Expr::Value(Value::List(items)) => items.into_iter().map(Expr::Value).collect(),
            Expr::List(items) => items,
            // One by one is not possible: the first conversion speaks for all.
            expr => {
                let whole = Typed { expr, ty: of.clone(), ..typed };
                let converted = self.convert(whole, wanted)?;
                return Ok(Typed { ty: expected.clone(), ..converted });
            }
        };
        let mut converted = Vec::new();
        for item in items {
            let item = Typed { expr: item, ty: of.clone(), phase: typed.phase, at: typed.at };
            let is_fitting = *of == *wanted || *of == Type::Unknown;
            let item = if is_fitting { item } else { self.convert(item, wanted)? };
            converted.push(item.expr);
        }
        let expr = crate::fold::folded(Expr::List(converted));
        Ok(Typed { expr, ty: expected.clone(), phase: typed.phase, at: typed.at })
    }

    /// A record written without knowing which one it is to be, as of a `let`.
    fn convert_fields(&mut self, typed: Typed, expected: &Type) -> Result<Typed, Box<Diagnostic>> {
        let Type::Fields(types) = &typed.ty else { return Ok(typed) };
        let mut given = std::collections::BTreeMap::new();
        for (name, ty) in types {
            let access = Access { field: name.clone(), optional: false };
            let expr = super::field::stepped(typed.expr.clone(), access);
            let field = Typed { expr, ty: ty.clone(), phase: typed.phase, at: typed.at };
            let wanted = match expected {
                Type::Map(_, value) => Some((**value).clone()),
                Type::Record(record) => {
                    let ports = self.library.records.get(record).into_iter().flatten();
                    let mut ports = ports.filter(|port| port.name == *name);
                    ports.next().map(|port| port.ty.clone())
                }
                _ => None,
            };
            let Some(wanted) = wanted else { return Err(mismatch(&typed, expected).into()) };
            given.insert(name.clone(), self.fit(field, &wanted).expr);
        }
        if let Type::Record(record) = expected {
            let library = self.library;
            let ports = library.records.get(record).map(Vec::as_slice).unwrap_or_default();
            if !super::call::defaults(&mut given, ports).is_empty() {
                return Err(mismatch(&typed, expected).into());
            }
        }
        let expr = crate::fold::folded(Expr::Record(given));
        Ok(Typed { expr, ty: expected.clone(), ..typed })
    }

    /// The only choice of `of` whose only field takes a `ty` and must be given: choice and field.
    fn sole(&self, of: &str, ty: &Type) -> Option<(String, String)> {
        let choices = self.library.enums.get(of)?;
        let mut taking = choices.iter().filter_map(|choice| match choice.fields.as_slice() {
            [only] if only.ty == *ty && only.default.is_none() => {
                Some((choice.name.clone(), only.name.clone()))
            }
            _ => None,
        });
        taking.next().filter(|_| taking.next().is_none())
    }

    /// The kinds that lead a model from the stage `from` to `to`; empty when none do.
    fn between(&self, from: Stage, to: Stage) -> Vec<String> {
        let takes = |stage: Stage| {
            self.library.steps.iter().find_map(|(kind, signature)| {
                let is_model = |port: &&crate::Port| port.name == "model";
                let input = signature.inputs.iter().find(is_model)?;
                let output = signature.outputs.iter().find(is_model)?;
                match (&input.ty, &output.ty) {
                    (Type::Model(of), Type::Model(next)) if *of == stage => {
                        Some((kind.to_string(), *next))
                    }
                    _ => None,
                }
            })
        };
        let mut kinds = Vec::new();
        let mut stage = from;
        while let Some((kind, next)) = takes(stage) {
            kinds.push(kind);
            stage = next;
            if stage == to {
                return kinds;
            }
            if kinds.len() > Stage::ALL.len() {
                break;
            }
        }
        Vec::new()
    }
}

/// Whether a value of this type is one thing, that can be written in a line.
pub(super) fn is_one(ty: &Type) -> bool {
    match ty {
        Type::Optional(of) => is_one(of),
        Type::List(_)
        | Type::Map(..)
        | Type::Fields(_)
        | Type::Record(_)
        | Type::Model(_)
        | Type::Dataset(_)
        | Type::Outputs(_)
        | Type::Run(_)
        | Type::Secret(_) => false,
        _ => true,
    }
}

/// Whether what is given as a value of this type stays a secret.
fn keeps_secrets(ty: &Type) -> bool {
    match ty {
        Type::Secret(_) => true,
        Type::Form(form) => form == "Variable",
        _ => false,
    }
}

/// Whether something in a value of this type is a secret.
fn holds_secret(ty: &Type) -> bool {
    match ty {
        Type::Secret(_) => true,
        Type::Optional(of) | Type::List(of) | Type::Map(_, of) => holds_secret(of),
        Type::Fields(fields) => fields.values().any(holds_secret),
        _ => false,
    }
}

/// Whether a value of this type can be written down whole.
fn is_plain(ty: &Type) -> bool {
    match ty {
        Type::Optional(of) | Type::List(of) | Type::Map(_, of) => is_plain(of),
        Type::Fields(fields) => fields.values().all(is_plain),
        ty => is_one(ty),
    }
}

/// Whether numbers of this type carry a unit, or lack one.
const fn is_number(ty: &Type) -> bool {
    matches!(
        ty,
        Type::Int
            | Type::Float
            | Type::Ratio
            | Type::Points
            | Type::Duration
            | Type::Period
            | Type::Money
            | Type::Pips
            | Type::Bytes
    )
}

/// What to say of `typed` where `expected` is needed.
pub(super) fn mismatch(typed: &Typed, expected: &Type) -> Diagnostic {
    if (&typed.ty, expected) == (&Type::Period, &Type::Duration) {
        let period = match &typed.expr {
            Expr::Value(Value::Period(period)) => Some(*period),
            _ => None,
        };
        return period_for_duration::new(typed.at, period);
    }
    let (wanted, got) = (expected.to_string(), typed.ty.to_string());
    if !is_number(&typed.ty) || !is_number(expected) {
        return type_mismatch::new(typed.at, &wanted, &got);
    }
    with_unit(unit_mismatch::new(typed.at, &wanted, &got), typed, expected)
}

/// Offers the number of `typed` with the unit of `expected`.
pub(super) fn with_unit(found: Diagnostic, typed: &Typed, expected: &Type) -> Diagnostic {
    let Expr::Value(value) = &typed.expr else { return found };
    let text = match (value, expected) {
        (Value::Int(number), Type::Ratio) => Some(format!("{number}%")),
        (Value::Float(number), Type::Ratio) => {
            Ratio::measured(*number).map(|ratio| ratio.to_string())
        }
        (Value::Ratio(ratio), Type::Points) => Some(format!("{ratio}").replace('%', "pp")),
        (Value::Points(points), Type::Ratio) => Some(format!("{points}").replace("pp", "%")),
        (Value::Ratio(ratio), Type::Float) => Some(format!("{}", ratio.to_f64())),
        (Value::Int(number), Type::Pips) => Some(format!("{number}pip")),
        (Value::Float(number), Type::Pips) => Some(format!("{number}pip")),
        (Value::Int(number), Type::Money) => Some(format!("{number} USD")),
        _ => None,
    };
    match (text, value, expected) {
        (Some(text), ..) => found.fix(format!("write `{text}`"), typed.at.span, &text),
        (None, Value::Int(number), Type::Duration) => {
            found.help(format!("give its unit: `{number}s`, `{number}m` or `{number}h`"))
        }
        _ => found,
    }
}

/// A feature's name without its numbers: `rsi_9` and `rsi_14` are alike. A modifier (`__lag_3`)
/// does not count.
fn shape(feature: &str) -> String {
    let base = feature.split("__").next().unwrap_or(feature);
    let parts = base.split('_').filter(|part| !part.bytes().all(|b| b.is_ascii_digit()));
    parts.collect::<Vec<_>>().join("_")
}
