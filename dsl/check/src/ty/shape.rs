//! Types as what plain JSON from outside is held against.

use super::{Library, Type};
use suho_domain::Shape;

/// What a value of type `ty` must look like; none for what only suho can make: a model, a data set.
pub(crate) fn of(ty: &Type, library: &Library) -> Option<Shape> {
    let each = |of: &Type| self::of(of, library).map(Box::new);
    Some(match ty {
        Type::Bool => Shape::Bool,
        Type::Int => Shape::Int,
        Type::Float => Shape::Float,
        Type::Text | Type::Form(_) => Shape::Text,
        Type::Ratio => Shape::Ratio,
        Type::Points => Shape::Points,
        Type::Duration => Shape::Duration,
        Type::Period => Shape::Period,
        Type::Date => Shape::Date,
        Type::Instant => Shape::Instant,
        Type::Money => Shape::Money,
        Type::Pips => Shape::Pips,
        Type::Bytes => Shape::Bytes,
        Type::Version => Shape::Version,
        Type::Artifact => Shape::File,
        Type::Range(of) => Shape::Range(each(of)?),
        Type::List(of) => Shape::List(each(of)?),
        Type::Map(_, of) => Shape::Map(each(of)?),
        Type::Optional(of) => Shape::Optional(each(of)?),
        Type::Fields(fields) => {
            let field = |(name, ty): (&String, &Type)| Some((name.clone(), self::of(ty, library)?));
            Shape::Fields(fields.iter().map(field).collect::<Option<_>>()?)
        }
        Type::Record(name) => {
            let ports = library.records.get(name)?;
            let field =
                |port: &super::Port| Some((port.name.clone(), self::of(&port.ty, library)?));
            Shape::Fields(ports.iter().map(field).collect::<Option<_>>()?)
        }
        Type::Enum(name) => {
            let choices = library.enums.get(name)?;
            // A choice with fields is more than a word.
            let word =
                |choice: &super::Choice| choice.fields.is_empty().then(|| choice.name.clone());
            Shape::Word(choices.iter().map(word).collect::<Option<_>>()?)
        }
        Type::Unknown
        | Type::Secret(_)
        | Type::Model(_)
        | Type::Dataset(_)
        | Type::Outputs(_)
        | Type::Run(_) => return None,
    })
}
