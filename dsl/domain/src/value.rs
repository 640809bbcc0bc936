//! A value of the language: what an attribute is set to, what a step is given and gives back.

use crate::units::{Bytes, Duration, Money, Period, Pips, Points, Ratio};
use crate::{Instant, Version};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// Fields by name, in the order of their names.
pub type Record = BTreeMap<String, Value>;

/// One choice of an enum, with its fields: `adam(learning_rate: 0.001)`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Variant {
    /// Which choice.
    pub name: String,
    /// Its fields; empty for a plain word.
    pub fields: Record,
}

/// A value with its unit. Serialises tagged (`{"ratio":"10%"}`), so that it reads back exactly.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Value {
    /// `none`: an optional that holds nothing.
    None,
    /// A measurement that has no answer, and why: never a number, never a pass.
    Undefined(String),
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A number without unit. Always finite.
    Float(f64),
    /// Text; also symbols, timeframes, names, URLs and paths, once checked.
    Text(String),
    /// `10%`.
    Ratio(Ratio),
    /// `5pp`.
    Points(Points),
    /// `48h`.
    Duration(Duration),
    /// `2y`.
    Period(Period),
    /// `2025-01-01`.
    Date(NaiveDate),
    /// `2025-01-01T10:00:00Z`.
    Instant(Instant),
    /// `a .. b`, the end excluded.
    Range(Box<(Value, Value)>),
    /// `40 USD`.
    Money(Money),
    /// `0.8pip`.
    Pips(Pips),
    /// `16GiB`.
    Bytes(Bytes),
    /// `v1.0.0`.
    Version(Version),
    /// `[a, b]`.
    List(Vec<Value>),
    /// `{ a = 1 }`, or what a step made.
    Record(Record),
    /// `lstm(units: 128)`, `relu`.
    Variant(Variant),
}

impl Value {
    /// A record of `fields`.
    pub fn record<const N: usize>(fields: [(&str, Self); N]) -> Self {
        Self::Record(fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
    }

    /// A text.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// A measured number without unit; not finite is [`Value::Undefined`].
    pub fn measured(number: f64) -> Self {
        if number.is_finite() {
            Self::Float(number)
        } else {
            Self::Undefined("the figure is not finite".to_owned())
        }
    }

    /// A measured share; not finite is [`Value::Undefined`].
    pub fn measured_ratio(number: f64) -> Self {
        let undefined = || Self::Undefined("the figure is not finite".to_owned());
        Ratio::measured(number).map_or_else(undefined, Self::Ratio)
    }

    /// The field `name` of a record, or of an enum's choice; `start` or `end` of a range.
    pub fn field(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Range(ends) if name == "start" => Some(&ends.0),
            Self::Range(ends) if name == "end" => Some(&ends.1),
            Self::Record(fields) => fields.get(name),
            Self::Variant(variant) => variant.fields.get(name),
            _ => None,
        }
    }

    /// The text, if it is one.
    pub fn as_text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    /// The number in binary, of any type that is one number: a ratio as a fraction, a duration in
    /// milliseconds.
    pub fn as_f64(&self) -> Option<f64> {
        match self {
            Self::Int(number) => Some(*number as f64),
            Self::Float(number) => Some(*number),
            Self::Ratio(ratio) => Some(ratio.to_f64()),
            Self::Points(points) => Some(points.to_f64()),
            Self::Duration(duration) => Some(duration.millis_f64()),
            _ => None,
        }
    }

    /// Untagged JSON, as steps read their inputs and people read plans: units as text, a plain
    /// word as a string, a choice with fields as `{"lstm":{"units":128}}`.
    pub fn to_plain(&self) -> serde_json::Value {
        use serde_json::Value as Json;
        let fields = |fields: &Record| {
            Json::Object(fields.iter().map(|(k, v)| (k.clone(), v.to_plain())).collect())
        };
        match self {
            Self::None => Json::Null,
            Self::Undefined(reason) => serde_json::json!({ "undefined": reason }),
            Self::Bool(value) => Json::from(*value),
            Self::Int(value) => Json::from(*value),
            Self::Float(value) => Json::from(*value),
            Self::Range(ends) => {
                serde_json::json!({ "start": ends.0.to_plain(), "end": ends.1.to_plain() })
            }
            Self::List(items) => Json::Array(items.iter().map(Self::to_plain).collect()),
            Self::Record(record) => fields(record),
            Self::Variant(variant) if variant.fields.is_empty() => {
                Json::from(variant.name.as_str())
            }
            Self::Variant(variant) => Json::Object(
                [(variant.name.clone(), fields(&variant.fields))].into_iter().collect(),
            ),
            quantity => Json::from(quantity.to_string()),
        }
    }
}

/// As a person writes it in a `.suho` file, but for texts, which stand without quotes.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("none"),
            Self::Undefined(reason) => write!(f, "undefined ({reason})"),
            Self::Bool(value) => write!(f, "{value}"),
            Self::Int(value) => write!(f, "{value}"),
            Self::Float(value) => write!(f, "{value}"),
            Self::Text(value) => f.write_str(value),
            Self::Ratio(value) => write!(f, "{value}"),
            Self::Points(value) => write!(f, "{value}"),
            Self::Duration(value) => write!(f, "{value}"),
            Self::Period(value) => write!(f, "{value}"),
            Self::Date(value) => write!(f, "{value}"),
            Self::Instant(value) => write!(f, "{value}"),
            Self::Range(ends) => write!(f, "{} .. {}", ends.0, ends.1),
            Self::Money(value) => write!(f, "{value}"),
            Self::Pips(value) => write!(f, "{value}"),
            Self::Bytes(value) => write!(f, "{value}"),
            Self::Version(value) => write!(f, "{value}"),
            Self::List(items) => {
                f.write_str("[")?;
                separated(f, items.iter())?;
                f.write_str("]")
            }
            Self::Record(fields) => {
                f.write_str("{ ")?;
                separated(f, fields.iter().map(|(name, value)| format!("{name} = {value}")))?;
                f.write_str(" }")
            }
            Self::Variant(variant) if variant.fields.is_empty() => f.write_str(&variant.name),
            Self::Variant(variant) => {
                write!(f, "{}(", variant.name)?;
                let fields = variant.fields.iter();
                separated(f, fields.map(|(name, value)| format!("{name}: {value}")))?;
                f.write_str(")")
            }
        }
    }
}

fn separated(
    f: &mut fmt::Formatter<'_>,
    items: impl Iterator<Item = impl fmt::Display>,
) -> fmt::Result {
    for (at, item) in items.enumerate() {
        if at > 0 {
            f.write_str(", ")?;
        }
        write!(f, "{item}")?;
    }
    Ok(())
}
