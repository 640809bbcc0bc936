//! Types as people write them.

use super::Type;
use std::fmt;

/// `Model<tested>?`, `[Layer]`, `Range<Date>`.
impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown => f.write_str("?"),
            Self::Bool => f.write_str("Bool"),
            Self::Int => f.write_str("Int"),
            Self::Float => f.write_str("Float"),
            Self::Text => f.write_str("Text"),
            Self::Ratio => f.write_str("Ratio"),
            Self::Points => f.write_str("Points"),
            Self::Duration => f.write_str("Duration"),
            Self::Period => f.write_str("Period"),
            Self::Date => f.write_str("Date"),
            Self::Instant => f.write_str("Instant"),
            Self::Money => f.write_str("Money"),
            Self::Pips => f.write_str("Pips"),
            Self::Bytes => f.write_str("Bytes"),
            Self::Version => f.write_str("Version"),
            Self::Form(name) | Self::Record(name) | Self::Enum(name) => f.write_str(name),
            Self::Range(of) => write!(f, "Range<{of}>"),
            Self::List(of) => write!(f, "[{of}]"),
            Self::Map(key, value) => write!(f, "Map<{key}, {value}>"),
            Self::Optional(of) if **of == Self::Unknown => f.write_str("none"),
            Self::Optional(of) => write!(f, "{of}?"),
            Self::Secret(of) => write!(f, "Secret<{of}>"),
            Self::Fields(fields) => {
                f.write_str("{ ")?;
                for (at, (name, ty)) in fields.iter().enumerate() {
                    let comma = if at == 0 { "" } else { ", " };
                    write!(f, "{comma}{name}: {ty}")?;
                }
                f.write_str(" }")
            }
            Self::Model(stage) => write!(f, "Model<{stage}>"),
            Self::Dataset(of) => write!(f, "Dataset<{of}>"),
            Self::Run(None) => f.write_str("Run"),
            Self::Run(Some(pipeline)) => write!(f, "Run<{pipeline}>"),
            Self::Artifact => f.write_str("Artifact"),
            Self::Outputs(kind) => write!(f, "Outputs<{kind}>"),
        }
    }
}
