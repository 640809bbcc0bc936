//! How a port is Rust: what the drawn declarations of [`crate::generated`] come to.
//!
//! Inputs are read from their plain JSON; outputs become values of the language.

use crate::figure::Figure;
use serde::Deserialize;
use suho_domain::{Duration, Instant, Points, Ratio, Value, Version};

/// From `start` to just before `end`.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
pub(crate) struct Span<T> {
    pub(crate) start: T,
    pub(crate) end: T,
}

/// What can be the value of an output.
pub(crate) trait IntoValue {
    /// The same as a value of the language.
    fn into_value(self) -> Value;
}

/// Gives each type the value that its name in the language says.
macro_rules! values {
    ($($ty:ty => $value:path,)*) => {
        $(impl IntoValue for $ty {
            fn into_value(self) -> Value {
                $value(self)
            }
        })*
    };
}

values! {
    bool => Value::Bool,
    i64 => Value::Int,
    f64 => Value::measured,
    String => Value::Text,
    Ratio => Value::Ratio,
    Points => Value::Points,
    Duration => Value::Duration,
    Instant => Value::Instant,
    Version => Value::Version,
}

impl<T: IntoValue> IntoValue for Figure<T> {
    fn into_value(self) -> Value {
        match self {
            Self::Defined(number) => number.into_value(),
            Self::Undefined { undefined } => Value::Undefined(undefined),
        }
    }
}

impl<T: IntoValue> IntoValue for Span<T> {
    fn into_value(self) -> Value {
        Value::Range(Box::new((self.start.into_value(), self.end.into_value())))
    }
}

impl<T: IntoValue> IntoValue for Option<T> {
    fn into_value(self) -> Value {
        self.map_or(Value::None, IntoValue::into_value)
    }
}

impl<T: IntoValue> IntoValue for Vec<T> {
    fn into_value(self) -> Value {
        Value::List(self.into_iter().map(IntoValue::into_value).collect())
    }
}

/// A step's ports: `{Step}In` with all that it is given, `{Step}Out` with all that it gives.
macro_rules! step {
    (
        $(#[$doc:meta])*
        $In:ident { $($(#[$in_doc:meta])* $in:ident: $taken:ty,)* }
        $Out:ident { $($(#[$out_doc:meta])* $out:ident: $given:ty,)* }
    ) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq)]
        pub(crate) struct $In {
            $($(#[$in_doc])* pub(crate) $in: $taken,)*
        }

        impl $In {
            /// Their names, in the order of the signature.
            pub(crate) const PORTS: &[&str] = &[$(stringify!($in)),*];

            /// All of them.
            pub(crate) fn read(
                inputs: &suho_step::Inputs,
            ) -> Result<Self, suho_step::PortError> {
                Ok(Self { $($in: inputs.read(stringify!($in))?,)* })
            }
        }

        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, serde::Deserialize)]
        pub(crate) struct $Out {
            $($(#[$out_doc])* pub(crate) $out: $given,)*
        }

        impl $Out {
            /// Their names, in the order of the signature.
            pub(crate) const PORTS: &[&str] = &[$(stringify!($out)),*];
        }

        impl From<$Out> for suho_step::Outputs {
            fn from(given: $Out) -> Self {
                use crate::ports::IntoValue as _;
                Self::new()$(.with(stringify!($out), given.$out.into_value()))*
            }
        }
    };
}

/// A record that steps give, and that others may be given.
macro_rules! record {
    ($(#[$doc:meta])* $Name:ident { $($(#[$field_doc:meta])* $field:ident: $ty:ty,)* }) => {
        crate::ports::settings! {
            $(#[$doc])* $Name { $($(#[$field_doc])* $field: $ty,)* }
        }

        impl crate::ports::IntoValue for $Name {
            fn into_value(self) -> suho_domain::Value {
                suho_domain::Value::record([$((stringify!($field), self.$field.into_value()),)*])
            }
        }
    };
}

/// A record that steps are only given.
macro_rules! settings {
    ($(#[$doc:meta])* $Name:ident { $($(#[$field_doc:meta])* $field:ident: $ty:ty,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, serde::Deserialize)]
        pub(crate) struct $Name {
            $($(#[$field_doc])* pub(crate) $field: $ty,)*
        }
    };
}

/// An enum of plain words.
macro_rules! words {
    ($(#[$doc:meta])* $Name:ident { $($(#[$word_doc:meta])* $Word:ident = $word:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Eq, PartialEq, serde::Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub(crate) enum $Name {
            $($(#[$word_doc])* $Word,)*
        }

        impl $Name {
            /// Every word, in the order of the prelude.
            pub(crate) const ALL: &[Self] = &[$(Self::$Word),*];

            /// The word, as it is written.
            pub(crate) const fn name(self) -> &'static str {
                match self {
                    $(Self::$Word => $word,)*
                }
            }
        }

        impl std::fmt::Display for $Name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.name())
            }
        }

        impl crate::ports::IntoValue for $Name {
            fn into_value(self) -> suho_domain::Value {
                suho_domain::Value::Variant(suho_domain::Variant {
                    name: self.name().to_owned(),
                    fields: suho_domain::Record::new(),
                })
            }
        }
    };
}

/// An enum whose choices may have fields.
macro_rules! choices {
    (
        $(#[$doc:meta])*
        $Name:ident {
            $($(#[$choice_doc:meta])* $Choice:ident $({ $($field:ident: $ty:ty),* $(,)? })?,)*
        }
    ) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, serde::Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub(crate) enum $Name {
            $($(#[$choice_doc])* $Choice $({ $($field: $ty),* })?,)*
        }
    };
}

pub(crate) use {choices, record, settings, step, words};
