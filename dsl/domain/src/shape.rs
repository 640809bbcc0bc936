//! What a value from outside must look like: one that a script or a server gives back as plain JSON.

use crate::{Record, Value, Variant};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::fmt;

/// What one value must look like. Reading is the other direction of [`Value::to_plain`]: quantities
/// are texts with their unit (`"10%"`, `"48h"`), so that no number is taken for another.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the plain ones are the language's types of the same name")]
pub enum Shape {
    Bool,
    Int,
    Float,
    Text,
    Ratio,
    Points,
    Duration,
    Period,
    Date,
    Instant,
    Money,
    Pips,
    Bytes,
    Version,
    /// The name of a file that stands beside the answer.
    File,
    /// One of these words.
    Word(Vec<String>),
    /// `{"start": …, "end": …}`.
    Range(Box<Shape>),
    /// A list of such.
    List(Box<Shape>),
    /// An object with any keys and such values.
    Map(Box<Shape>),
    /// An object with exactly these fields; an optional one may be left out.
    Fields(BTreeMap<String, Shape>),
    /// Such a value or `null`.
    Optional(Box<Shape>),
}

/// A value does not look as it must.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{}{why}", after(.at))]
pub struct Unfit {
    /// Where in the whole, as `.rows[2]`; empty for the whole itself.
    pub at: String,
    /// What is wanted and what is there, shortened: ``should be a number, and is `"2"` ``.
    pub why: String,
}

fn after(at: &str) -> String {
    if at.is_empty() { String::new() } else { format!("at `{at}` ") }
}

/// Longest piece of a wrong value that a message shows, in characters.
const SHOWN_MAX: usize = 60;

impl Shape {
    /// The value that `json` stands for.
    ///
    /// # Errors
    /// When it does not look as it must; says where, what is wanted and what is there.
    pub fn read(&self, json: &Json) -> Result<Value, Unfit> {
        let unfit = || Unfit::new(format!("should be {self}, and is {}", shown(json)));
        let read = match self {
            Self::Optional(_) if json.is_null() => Some(Value::None),
            Self::Optional(of) => return of.read(json),
            Self::List(of) => {
                let items = json.as_array().ok_or_else(unfit)?.iter().enumerate();
                let read =
                    |(at, item)| of.read(item).map_err(|unfit| unfit.within(&format!("[{at}]")));
                return items.map(read).collect::<Result<_, _>>().map(Value::List);
            }
            Self::Map(of) => {
                let fields = json.as_object().ok_or_else(unfit)?.iter();
                let read = |(name, value): (&String, &Json)| {
                    let value = of.read(value).map_err(|unfit| unfit.within(&format!(".{name}")));
                    value.map(|value| (name.clone(), value))
                };
                return fields.map(read).collect::<Result<_, _>>().map(Value::Record);
            }
            Self::Fields(shapes) => return fields(shapes, json).map(Value::Record),
            Self::Range(of) => {
                let ends =
                    BTreeMap::from(["start", "end"].map(|end| (end.to_owned(), (**of).clone())));
                let mut ends = fields(&ends, json)?;
                ends.remove("start")
                    .zip(ends.remove("end"))
                    .map(|ends| Value::Range(Box::new(ends)))
            }
            Self::Bool => json.as_bool().map(Value::Bool),
            Self::Int => json.as_i64().map(Value::Int),
            Self::Float => json.as_f64().filter(|number| number.is_finite()).map(Value::Float),
            quantity => json.as_str().and_then(|text| quantity.of_text(text)),
        };
        read.ok_or_else(unfit)
    }

    /// The value that `text` stands for, where a text stands for it.
    fn of_text(&self, text: &str) -> Option<Value> {
        let word = |name: &str| Variant { name: name.to_owned(), fields: Record::new() };
        match self {
            Self::Text | Self::File => Some(Value::text(text)),
            Self::Ratio => text.parse().ok().map(Value::Ratio),
            Self::Points => text.parse().ok().map(Value::Points),
            Self::Duration => text.parse().ok().map(Value::Duration),
            Self::Period => text.parse().ok().map(Value::Period),
            Self::Date => text.parse::<NaiveDate>().ok().map(Value::Date),
            Self::Instant => text.parse().ok().map(Value::Instant),
            Self::Money => text.parse().ok().map(Value::Money),
            Self::Pips => text.parse().ok().map(Value::Pips),
            Self::Bytes => text.parse().ok().map(Value::Bytes),
            Self::Version => text.parse().ok().map(Value::Version),
            Self::Word(words) => {
                words.iter().find(|each| *each == text).map(|name| Value::Variant(word(name)))
            }
            Self::Bool
            | Self::Int
            | Self::Float
            | Self::Range(_)
            | Self::List(_)
            | Self::Map(_)
            | Self::Fields(_)
            | Self::Optional(_) => None,
        }
    }
}

/// The fields of `json`, each as its shape says; none missing, none more.
fn fields(shapes: &BTreeMap<String, Shape>, json: &Json) -> Result<Record, Unfit> {
    let names = || shapes.keys().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    let unfit =
        |found: String| Unfit::new(format!("should be an object with {}, and is {found}", names()));
    let given = json.as_object().ok_or_else(|| unfit(shown(json)))?;
    if let Some(extra) = given.keys().find(|name| !shapes.contains_key(*name)) {
        return Err(unfit(format!("one with `{extra}`")));
    }
    let read = |(name, shape): (&String, &Shape)| {
        let value = match (given.get(name), shape) {
            (Some(value), shape) => {
                shape.read(value).map_err(|unfit| unfit.within(&format!(".{name}")))?
            }
            (None, Shape::Optional(_)) => Value::None,
            (None, _) => return Err(unfit(format!("one without `{name}`"))),
        };
        Ok((name.clone(), value))
    };
    shapes.iter().map(read).collect()
}

impl Unfit {
    const fn new(why: String) -> Self {
        Self { at: String::new(), why }
    }

    fn within(self, outer: &str) -> Self {
        Self { at: format!("{outer}{}", self.at), ..self }
    }
}

fn shown(json: &Json) -> String {
    let text = json.to_string();
    if text.chars().count() <= SHOWN_MAX {
        return format!("`{text}`");
    }
    format!("`{}…`", text.chars().take(SHOWN_MAX).collect::<String>())
}

/// As a sentence goes on: `an Int, as in 3`.
impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Bool => "`true` or `false`",
            Self::Int => "a whole number",
            Self::Float => "a number",
            Self::Text => "a text",
            Self::Ratio => "a ratio in quotes, as in `\"10%\"`",
            Self::Points => "percentage points in quotes, as in `\"5pp\"`",
            Self::Duration => "a duration in quotes, as in `\"48h\"`",
            Self::Period => "a period in quotes, as in `\"2y\"`",
            Self::Date => "a date in quotes, as in `\"2025-01-31\"`",
            Self::Instant => "an instant in quotes, as in `\"2025-01-31T10:00:00Z\"`",
            Self::Money => "money in quotes, as in `\"40 USD\"`",
            Self::Pips => "pips in quotes, as in `\"0.8pip\"`",
            Self::Bytes => "a size in quotes, as in `\"16MiB\"`",
            Self::Version => "a version in quotes, as in `\"v1.0.0\"`",
            Self::File => "the name of a file in `$SUHO_OUT`",
            Self::Word(words) => return write!(f, "one of {}", words.join(", ")),
            Self::Range(of) => return write!(f, "a range whose `start` and `end` are each {of}"),
            Self::List(of) => return write!(f, "a list of which each is {of}"),
            Self::Map(of) => return write!(f, "an object of which each value is {of}"),
            Self::Fields(_) => "an object",
            Self::Optional(of) => return write!(f, "{of}, or `null`"),
        })
    }
}

#[cfg(test)]
mod tests;
