//! Diagnostics in SARIF 2.1.0 (OASIS), as code hosts and editors take them in.

use crate::{CODES, Diagnostic, FileId, Severity, explain};
use serde_json::{Value as Json, json};
use suho_syntax::ast::Span;
use suho_syntax::line_column;

/// Where the format is defined.
const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

/// The log of one run of the checker. `sources` are name and text of the files that the diagnostics
/// speak of, by their ids, names relative to the project's root; `version` is that of suho.
///
/// Columns count characters from 1, ends are excluded. Each result has its rule, its places and the
/// ways out that can be typed; those in words follow the message. Only rules that occur are listed.
pub fn sarif(diagnostics: &[Diagnostic], sources: &[(String, String)], version: &str) -> Json {
    let raised = |code: &&str| diagnostics.iter().any(|found| found.code == *code);
    let codes: Vec<&str> = CODES.iter().copied().filter(raised).collect();
    let rules: Vec<Json> = codes.iter().map(|code| rule(code)).collect();
    let results = diagnostics.iter().map(|found| result(found, &codes, sources));
    json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": { "name": "suho", "version": version, "rules": rules } },
            "columnKind": "unicodeCodePoints",
            "results": results.collect::<Vec<_>>(),
        }],
    })
}

/// A code with its page.
fn rule(code: &str) -> Json {
    let page = explain(code).unwrap_or_default();
    let title = page.lines().next().unwrap_or_default().trim_start_matches("# ");
    json!({
        "id": code,
        "shortDescription": { "text": title },
        "help": { "text": page, "markdown": page },
    })
}

fn result(found: &Diagnostic, codes: &[&str], sources: &[(String, String)]) -> Json {
    let level = match found.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    let mut result = json!({
        "ruleId": found.code,
        "level": level,
        "message": { "text": message(found) },
        "locations": [{ "physicalLocation": place(found.file, found.span, sources) }],
    });
    let Some(fields) = result.as_object_mut() else { return result };
    if let Some(index) = codes.iter().position(|code| *code == found.code) {
        fields.insert("ruleIndex".to_owned(), json!(index));
    }
    let related = found.notes.iter().enumerate().map(|(id, (file, span, words))| {
        let place = place(*file, *span, sources);
        json!({ "id": id, "message": { "text": words }, "physicalLocation": place })
    });
    let related: Vec<Json> = related.collect();
    if !related.is_empty() {
        fields.insert("relatedLocations".to_owned(), json!(related));
    }
    let fixes = found.help.iter().filter(|help| !help.edits.is_empty()).map(|help| {
        let replacement = |edit: &crate::Edit| {
            let region = region(found.file, edit.span, sources);
            json!({ "deletedRegion": region, "insertedContent": { "text": edit.text } })
        };
        let replacements: Vec<Json> = help.edits.iter().map(replacement).collect();
        let artifact = artifact(found.file, sources);
        let change = json!({ "artifactLocation": artifact, "replacements": replacements });
        json!({ "description": { "text": help.message }, "artifactChanges": [change] })
    });
    let fixes: Vec<Json> = fixes.collect();
    if !fixes.is_empty() {
        fields.insert("fixes".to_owned(), json!(fixes));
    }
    result
}

/// The sentence, what the place is told, and the ways out that are words.
fn message(found: &Diagnostic) -> String {
    let mut text = found.message.clone();
    if !found.label.is_empty() {
        text = format!("{text}: {}", found.label);
    }
    for help in found.help.iter().filter(|help| help.edits.is_empty()) {
        text = format!("{text}\nhelp: {}", help.message);
    }
    text
}

fn place(file: FileId, span: Span, sources: &[(String, String)]) -> Json {
    json!({
        "artifactLocation": artifact(file, sources),
        "region": region(file, span, sources),
    })
}

fn artifact(file: FileId, sources: &[(String, String)]) -> Json {
    let name = sources.get(file.0).map_or("", |(name, _)| &**name);
    json!({ "uri": uri(name), "uriBaseId": "%SRCROOT%" })
}

fn region(file: FileId, span: Span, sources: &[(String, String)]) -> Json {
    let text = sources.get(file.0).map_or("", |(_, text)| &**text);
    let (line, column) = line_column(text, span.start);
    let (end_line, end_column) = line_column(text, span.end);
    json!({
        "startLine": line,
        "startColumn": column,
        "endLine": end_line,
        "endColumn": end_column,
    })
}

/// A path as a relative URI: what may not stand in one is written by its bytes.
fn uri(path: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
    let written =
        |byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    path.bytes().map(written).collect()
}

#[cfg(test)]
mod tests;
