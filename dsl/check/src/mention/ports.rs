//! What blocks take and what values have, each with how it is found among what definitions give.

use super::meaning::Key;
use crate::{Library, Phase, Port, Type, library};

/// The records of the prelude that list what blocks without a signature take, by their kind.
const LISTED: [(&str, &str); 9] = [
    ("pipeline", library::PIPELINE),
    ("project", library::PROJECT),
    ("env", crate::project::ENVIRONMENT),
    ("on", library::HANDLER),
    ("compare", library::COMPARE),
    ("monitor", crate::monitor::MONITOR),
    ("trigger", crate::trigger::TRIGGER),
    ("matrix", crate::matrix::MATRIX),
    ("test", crate::scenario::TEST),
];
/// The records that hold what models and data sets have.
const MODEL: &str = "Model";
const DATASET: &str = "Dataset";

/// A port and how it is found among what definitions give.
pub type Keyed = (Port, Option<Key>);

/// What a block of `kind` takes, in the order written.
pub fn ports_of(library: &Library, kind: &str) -> Vec<Keyed> {
    let input = |port: &Port| (port.clone(), Some(Key::Input(kind.to_owned(), port.name.clone())));
    if let Some(signature) = library.steps.get(kind) {
        let own = signature.inputs.iter().map(input);
        return own.chain(record(library, library::STEP)).collect();
    }
    if let Some(signature) = library.watches.get(kind) {
        return signature.inputs.iter().map(input).collect();
    }
    if let Some(signature) = library.resources.get(kind) {
        let of = signature.outputs.first().map(|port| port.ty.to_string()).unwrap_or_default();
        let key = |port: &Port| Some(Key::Field(of.clone(), port.name.clone()));
        return signature.inputs.iter().map(|port| (port.clone(), key(port))).collect();
    }
    let listed = LISTED.iter().find(|(known, _)| *known == kind);
    listed.map(|(_, name)| record(library, name).collect()).unwrap_or_default()
}

/// How what a block of `kind` takes under `name` is found among what definitions give.
pub(super) fn key_of(library: &Library, kind: &str, name: &str) -> Option<Key> {
    let has = |ports: &[Port]| ports.iter().any(|port| port.name == name);
    let field = |record: &str| Some(Key::Field(record.to_owned(), name.to_owned()));
    let signature = library.steps.get(kind).or_else(|| library.watches.get(kind));
    match (signature, library.resources.get(kind)) {
        (Some(signature), _) if has(&signature.inputs) => {
            Some(Key::Input(kind.to_owned(), name.to_owned()))
        }
        (Some(_), _) => field(library::STEP),
        (None, Some(resource)) => field(&resource.outputs.first()?.ty.to_string()),
        (None, None) => field(LISTED.iter().find(|(known, _)| *known == kind)?.1),
    }
}

/// What a value of type `ty` has under `name`.
pub(super) fn field_of(library: &Library, ty: &Type, name: &str) -> Option<Keyed> {
    let record = |record: &str| {
        let port = library.records.get(record)?.iter().find(|port| port.name == name)?;
        Some((port.clone(), Some(Key::Field(record.to_owned(), name.to_owned()))))
    };
    match ty {
        Type::Optional(of) => field_of(library, of, name),
        Type::Record(of) => record(of),
        Type::Model(_) => record(MODEL),
        Type::Dataset(_) => record(DATASET),
        Type::Outputs(kind) => {
            let outputs = &library.steps.get(kind)?.outputs;
            let port = outputs.iter().find(|port| port.name == name)?;
            Some((port.clone(), Some(Key::Output(kind.to_string(), name.to_owned()))))
        }
        ty => fields_of(library, ty).into_iter().find(|(port, _)| port.name == name),
    }
}

/// What a value of type `ty` has after a `.`.
pub fn fields_of(library: &Library, ty: &Type) -> Vec<Keyed> {
    match ty {
        Type::Optional(of) => fields_of(library, of),
        Type::Record(name) => record(library, name).collect(),
        Type::Model(_) => record(library, MODEL).collect(),
        Type::Dataset(_) => record(library, DATASET).collect(),
        Type::Outputs(kind) => outputs_of(library, kind.as_str()),
        Type::Fields(fields) => {
            fields.iter().map(|(name, ty)| (port(name, ty.clone()), None)).collect()
        }
        Type::Range(of) => ["start", "end"].map(|name| (port(name, (**of).clone()), None)).to_vec(),
        _ => Vec::new(),
    }
}

/// What a step of `kind` gives.
pub fn outputs_of(library: &Library, kind: &str) -> Vec<Keyed> {
    let outputs = library.steps.get(kind).map(|signature| signature.outputs.as_slice());
    let key = |port: &Port| Some(Key::Output(kind.to_owned(), port.name.clone()));
    outputs.unwrap_or_default().iter().map(|port| (port.clone(), key(port))).collect()
}

/// What the choice `choice` of the enum `of` takes.
pub fn arguments_of(library: &Library, of: &str, choice: &str) -> Vec<Keyed> {
    let choices = library.enums.get(of).into_iter().flatten();
    let fields = choices.filter(|each| each.name == choice).flat_map(|each| &each.fields);
    let key = |port: &Port| Key::Argument(of.to_owned(), choice.to_owned(), port.name.clone());
    fields.map(|port| (port.clone(), Some(key(port)))).collect()
}

/// A port of which nothing more is known.
pub(super) fn port(name: &str, ty: Type) -> Port {
    Port { name: name.to_owned(), ty, default: None, doc: None, phase: Phase::Run }
}

fn record<'l>(library: &'l Library, name: &'l str) -> impl Iterator<Item = Keyed> + 'l {
    let fields = library.records.get(name).into_iter().flatten();
    fields.map(|port| (port.clone(), Some(Key::Field(name.to_owned(), port.name.clone()))))
}
