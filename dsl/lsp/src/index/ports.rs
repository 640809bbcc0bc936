//! What blocks take, what values have: ports by kind and by type, from the checker's library.

use super::given::Key;
use suho_check::{Library, Port, Type};

/// The records of the prelude that list what blocks without a signature take, by their kind.
const LISTED: [(&str, &str); 5] = [
    ("pipeline", "PipelineAttributes"),
    ("project", "ProjectAttributes"),
    ("env", "EnvironmentAttributes"),
    ("on", "HandlerAttributes"),
    ("compare", "Compare"),
];
/// What every step takes.
pub(super) const STEP: &str = "StepAttributes";
/// What models and data sets have.
const MODEL: &str = "Model";
const DATASET: &str = "Dataset";

/// A port and how it is found among what is given.
pub(crate) type Keyed = (Port, Option<Key>);

/// What a block of `kind` takes, in the order written.
pub(crate) fn ports_of(library: &Library, kind: &str) -> Vec<Keyed> {
    if let Some(signature) = library.steps.get(kind) {
        let own = signature
            .inputs
            .iter()
            .map(|port| (port.clone(), Some(Key::Input(kind.to_owned(), port.name.clone()))));
        return own.chain(record(library, STEP)).collect();
    }
    if let Some(signature) = library.resources.get(kind) {
        let of = signature.outputs.first().map(|port| port.ty.to_string()).unwrap_or_default();
        let key = |port: &Port| Some(Key::Field(of.clone(), port.name.clone()));
        return signature.inputs.iter().map(|port| (port.clone(), key(port))).collect();
    }
    let listed = LISTED.iter().find(|(known, _)| *known == kind).map(|(_, record)| *record);
    // Kinds that the prelude may add list what they take under their own name.
    let own = format!("{}Attributes", pascal(kind));
    record(library, listed.unwrap_or(&own)).collect()
}

/// What a value of type `ty` has after a `.`.
pub(crate) fn fields_of(library: &Library, ty: &Type) -> Vec<Keyed> {
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
pub(crate) fn outputs_of(library: &Library, kind: &str) -> Vec<Keyed> {
    let outputs = library.steps.get(kind).map(|signature| signature.outputs.as_slice());
    outputs
        .unwrap_or_default()
        .iter()
        .map(|port| (port.clone(), Some(Key::Output(kind.to_owned(), port.name.clone()))))
        .collect()
}

/// What a choice takes.
pub(crate) fn arguments_of(library: &Library, of: &str, choice: &str) -> Vec<Keyed> {
    let choices = library.enums.get(of).into_iter().flatten();
    let fields = choices.filter(|each| each.name == choice).flat_map(|each| &each.fields);
    let key = |port: &Port| Key::Argument(of.to_owned(), choice.to_owned(), port.name.clone());
    fields.map(|port| (port.clone(), Some(key(port)))).collect()
}

/// A port of which nothing more is known.
pub(crate) fn port(name: &str, ty: Type) -> Port {
    Port { name: name.to_owned(), ty, default: None, doc: None, phase: suho_check::Phase::Run }
}

fn record<'l>(library: &'l Library, name: &'l str) -> impl Iterator<Item = Keyed> + 'l {
    let fields = library.records.get(name).into_iter().flatten();
    fields.map(|port| (port.clone(), Some(Key::Field(name.to_owned(), port.name.clone()))))
}

/// `monitor` as `Monitor`.
fn pascal(word: &str) -> String {
    let part = |part: &str| {
        let mut letters = part.chars();
        let first = letters.next().map(|letter| letter.to_ascii_uppercase());
        first.into_iter().chain(letters).collect::<String>()
    };
    word.split('_').map(part).collect()
}
