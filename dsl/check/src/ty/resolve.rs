//! Types as written, made into types.

use super::Type;
use crate::FileId;
use crate::Library;
use crate::diagnostic::{At, Diagnostic};
use crate::diagnostics::unknown_type;
use crate::form::FORMS;
use crate::near::nearest;
use suho_domain::{Name, Stage};
use suho_syntax::ast;

const PLAIN: [(&str, Type); 16] = [
    ("Bool", Type::Bool),
    ("Int", Type::Int),
    ("Float", Type::Float),
    ("Text", Type::Text),
    ("Ratio", Type::Ratio),
    ("Points", Type::Points),
    ("Duration", Type::Duration),
    ("Period", Type::Period),
    ("Date", Type::Date),
    ("Instant", Type::Instant),
    ("Money", Type::Money),
    ("Pips", Type::Pips),
    ("Bytes", Type::Bytes),
    ("Version", Type::Version),
    ("Artifact", Type::Artifact),
    ("Run", Type::Run(None)),
];
const TAKING: [&str; 6] = ["Range", "Map", "Secret", "Model", "Dataset", "Outputs"];

/// The type that `written` means in `file`, [`Type::Unknown`] where it means none.
///
/// Of the library only the names of records, enums and steps are asked for.
pub(crate) fn resolve(
    written: &ast::Type,
    file: FileId,
    library: &Library,
    found: &mut Vec<Diagnostic>,
) -> Type {
    let plain = match &written.kind {
        ast::TypeKind::List(of) => Type::List(Box::new(resolve(of, file, library, found))),
        ast::TypeKind::Named(path, args) => {
            let named = match path.as_slice() {
                [name] => named(&name.node, args, file, library, found),
                _ => None,
            };
            named.unwrap_or_else(|| {
                let name = path.iter().map(|part| &*part.node).collect::<Vec<_>>().join(".");
                let near = nearest(&name, known(library));
                found.push(unknown_type::new(At::new(file, written.span), &name, near));
                Type::Unknown
            })
        }
    };
    match plain {
        Type::Unknown => Type::Unknown,
        ty if written.optional => Type::Optional(Box::new(ty)),
        ty => ty,
    }
}

fn named(
    name: &str,
    args: &[ast::Type],
    file: FileId,
    library: &Library,
    found: &mut Vec<Diagnostic>,
) -> Option<Type> {
    let mut inner = |arg: &ast::Type| Box::new(resolve(arg, file, library, found));
    match (name, args) {
        ("Range", [of]) => Some(Type::Range(inner(of))),
        ("Secret", [of]) => Some(Type::Secret(inner(of))),
        ("Map", [key, value]) => Some(Type::Map(inner(key), inner(value))),
        ("Model", [stage]) => Stage::from_word(word(stage)?).map(Type::Model),
        ("Dataset", [of]) => word(of).map(|of| Type::Dataset(of.to_owned())),
        ("Outputs", [kind]) => {
            let kind = Name::new(word(kind)?).ok()?;
            library.steps.contains_key(&kind).then_some(Type::Outputs(kind))
        }
        (name, []) => {
            let plain = PLAIN.into_iter().find(|(known, _)| *known == name).map(|(_, ty)| ty);
            let name = || name.to_owned();
            plain
                .or_else(|| FORMS.contains(&&*name()).then(|| Type::Form(name())))
                .or_else(|| library.records.contains_key(&name()).then(|| Type::Record(name())))
                .or_else(|| library.enums.contains_key(&name()).then(|| Type::Enum(name())))
                .or_else(|| library.aliases.get(&name()).cloned())
        }
        _ => None,
    }
}

/// Whether `word` may stand where a type is written, or as a stage in one.
pub(crate) fn is_known(word: &str, library: &Library) -> bool {
    Stage::from_word(word).is_some() || known(library).any(|known| known == word)
}

/// A type that is a plain word: `tested` of `Model<tested>`.
fn word(ty: &ast::Type) -> Option<&str> {
    match &ty.kind {
        ast::TypeKind::Named(path, args) if args.is_empty() => match path.as_slice() {
            [name] => Some(&name.node),
            _ => None,
        },
        _ => None,
    }
}

/// Every word that may stand where a type is written: of the language and of `library`.
pub fn known(library: &Library) -> impl Iterator<Item = &str> {
    let plain = PLAIN.iter().map(|(name, _)| *name);
    let own = library.records.keys().chain(library.enums.keys()).chain(library.aliases.keys());
    let own = own.map(String::as_str);
    plain.chain(own).chain(FORMS).chain(TAKING)
}
