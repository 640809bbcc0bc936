//! Parameters from the command line: text to a value of the declared type.

use crate::start;
use suho_check::Type;
use suho_check::program::{Expr, Program};
use suho_domain::units::NotAQuantity;
use suho_domain::{Name, Symbol, Timeframe, Value};

/// `text` as what a parameter of type `ty` is: a value, what the run's start makes one of (`last(2y)`),
/// or a model or costs that `program` has by that name. The error says what is wanted.
pub(crate) fn given(program: &Program, ty: &Type, text: &str) -> Result<Expr, String> {
    match ty {
        Type::Range(of) if **of == Type::Date => days(ty, text),
        Type::Record(_) => named(program, ty, text),
        _ => parse(ty, text).map(Expr::Value),
    }
}

fn days(ty: &Type, text: &str) -> Result<Expr, String> {
    let Some(span) = text.strip_prefix("last(").and_then(|rest| rest.strip_suffix(')')) else {
        let wanted = || "days like `2024-01-01 .. 2025-01-01`, or `last(2y)`".to_owned();
        return parse(ty, text).map(Expr::Value).map_err(|_| wanted());
    };
    let span = parse(&Type::Period, span.trim()).or_else(|_| parse(&Type::Duration, span.trim()));
    span.map(start::last).map_err(|_| "a span of time in `last(…)`, like `last(2y)`".to_owned())
}

fn named(program: &Program, ty: &Type, text: &str) -> Result<Expr, String> {
    let mine = || program.resources.iter().filter(|resource| resource.ty == *ty);
    if let Some(resource) = mine().find(|resource| resource.name.as_str() == text) {
        return Ok(resource.value.clone());
    }
    let names: Vec<String> = mine().map(|resource| format!("`{}`", resource.name)).collect();
    Err(match names.as_slice() {
        [] => format!("a `{ty}`, and no file that was asked for declares one"),
        names => format!("the name of a `{ty}`: {}", names.join(", ")),
    })
}

fn parse(ty: &Type, text: &str) -> Result<Value, String> {
    let said = |wanted: &dyn std::fmt::Display| wanted.to_string();
    let unit = |refused: NotAQuantity| refused.wanted().to_owned();
    match ty {
        Type::Optional(_) if text == "none" => Ok(Value::None),
        Type::Optional(inner) => parse(inner, text),
        Type::Bool => text.parse().map(Value::Bool).map_err(|_| "`true` or `false`".to_owned()),
        Type::Int => number(text).map(Value::Int).ok_or_else(|| "a whole number".to_owned()),
        Type::Float => match number::<f64>(text) {
            Some(number) if number.is_finite() => Ok(Value::Float(number)),
            _ => Err("a number".to_owned()),
        },
        Type::Ratio => text.parse().map(Value::Ratio).map_err(unit),
        Type::Points => text.parse().map(Value::Points).map_err(unit),
        Type::Duration => text.parse().map(Value::Duration).map_err(unit),
        Type::Period => text.parse().map(Value::Period).map_err(unit),
        Type::Money => text.parse().map(Value::Money).map_err(unit),
        Type::Pips => text.parse().map(Value::Pips).map_err(unit),
        Type::Version => text.parse().map(Value::Version).map_err(|e| said(&e)),
        Type::Instant => text.parse().map(Value::Instant).map_err(|e| said(&e)),
        Type::Date => {
            text.parse().map(Value::Date).map_err(|_| "a date like `2025-01-01`".to_owned())
        }
        Type::Form(form) if form == "Symbol" => {
            text.parse::<Symbol>().map(|_| Value::text(text)).map_err(|e| said(&e))
        }
        Type::Form(form) if form == "Timeframe" => {
            text.parse::<Timeframe>().map(|_| Value::text(text)).map_err(|e| said(&e))
        }
        Type::Text | Type::Form(_) => Ok(Value::text(text)),
        Type::Range(inner) => {
            let ends = text.split_once("..").ok_or_else(|| "a range like `a .. b`".to_owned())?;
            let ends = (parse(inner, ends.0.trim())?, parse(inner, ends.1.trim())?);
            Ok(Value::Range(Box::new(ends)))
        }
        Type::Enum(_) => text
            .parse::<Name>()
            .map(|name| {
                Value::Variant(suho_domain::Variant {
                    name: name.to_string(),
                    fields: std::collections::BTreeMap::new(),
                })
            })
            .map_err(|e| said(&e)),
        _ => Err("a value that cannot be given on the command line".to_owned()),
    }
}

fn number<T: std::str::FromStr>(text: &str) -> Option<T> {
    let plain: String = text.chars().filter(|c| *c != '_').collect();
    plain.parse().ok()
}
