//! Signature help: what the call around the cursor takes.

use crate::complete::probe_at;
use crate::describe::{declared, describe};
use crate::index::known::{FUNCTIONS, OF_TESTS};
use crate::snapshot::Snapshot;
use lsp_types::{
    Documentation, MarkupContent, MarkupKind, ParameterInformation, ParameterLabel, Position,
    SignatureHelp, SignatureInformation,
};
use suho_check::{Called, FileId, Meaning, Type};

/// What the innermost call around `position` takes.
pub fn signature_help(
    snapshot: &Snapshot,
    file: FileId,
    position: Position,
) -> Option<SignatureHelp> {
    let probe = probe_at(snapshot, file, position)?;
    let called = probe.calls.last()?;
    let signatures = vec![signature(snapshot, called)];
    let active = called.active.and_then(|active| u32::try_from(active).ok());
    Some(SignatureHelp { signatures, active_signature: Some(0), active_parameter: active })
}

fn signature(snapshot: &Snapshot, called: &Called) -> SignatureInformation {
    let mut label = format!("{}(", called.name);
    let mut parameters = Vec::new();
    for (at, (port, _)) in called.takes.iter().enumerate() {
        label.push_str(if at == 0 { "" } else { ", " });
        let start = units(&label);
        label.push_str(&declared(port));
        parameters.push(ParameterInformation {
            label: ParameterLabel::LabelOffsets([start, units(&label)]),
            documentation: port.doc.clone().map(markdown),
        });
    }
    label.push(')');
    if let (Meaning::Function(name), true) = (&called.meaning, parameters.is_empty()) {
        let known = FUNCTIONS.iter().chain(&OF_TESTS).find(|(each, ..)| each == name);
        label = known.map_or(label, |(_, line, _)| (*line).to_owned());
    }
    let described = describe(snapshot, &called.meaning, &Type::Unknown);
    let doc = described.and_then(|it| it.doc.or_else(|| it.facts.into_iter().next()));
    SignatureInformation {
        label,
        documentation: doc.map(markdown),
        parameters: Some(parameters),
        active_parameter: None,
    }
}

/// Places in labels are counted in UTF-16 units too.
fn units(label: &str) -> u32 {
    u32::try_from(label.encode_utf16().count()).unwrap_or(u32::MAX)
}

fn markdown(value: String) -> Documentation {
    Documentation::MarkupContent(MarkupContent { kind: MarkupKind::Markdown, value })
}

#[cfg(test)]
mod tests;
