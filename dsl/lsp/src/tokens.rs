//! Semantic tokens: names coloured by what they stand for. Comments, numbers, texts and words of
//! the grammar are left to the editor's own grammar.

use crate::snapshot::Snapshot;
use lsp_types::{SemanticToken, SemanticTokenModifier, SemanticTokenType, SemanticTokensLegend};
use suho_check::{FileId, Meaning, Mention};

/// The types of tokens, by their numbers.
const TYPES: [SemanticTokenType; 10] = [
    SemanticTokenType::NAMESPACE,
    SemanticTokenType::CLASS,
    SemanticTokenType::TYPE,
    SemanticTokenType::ENUM_MEMBER,
    SemanticTokenType::PROPERTY,
    SemanticTokenType::VARIABLE,
    SemanticTokenType::PARAMETER,
    SemanticTokenType::FUNCTION,
    SemanticTokenType::KEYWORD,
    SemanticTokenType::EVENT,
];
/// The name is given here.
const DECLARATION: u32 = 1;
/// It is of the library.
const LIBRARY: u32 = 2;

/// What the numbers in tokens mean.
pub fn legend() -> SemanticTokensLegend {
    SemanticTokensLegend {
        token_types: TYPES.to_vec(),
        token_modifiers: vec![
            SemanticTokenModifier::DECLARATION,
            SemanticTokenModifier::DEFAULT_LIBRARY,
        ],
    }
}

/// The names of `file`, each relative to the one before, as the protocol has it.
pub fn tokens(snapshot: &Snapshot, file: FileId) -> Vec<SemanticToken> {
    let Some(source) = snapshot.source(file) else { return Vec::new() };
    let mut tokens = Vec::new();
    let (mut line, mut column, mut end) = (0, 0, 0);
    for mention in snapshot.index().mentions(snapshot, file) {
        let Some(kind) = kind(&mention.meaning) else { continue };
        let range = source.text().range(mention.at.span);
        // Tokens neither overlap nor go over the end of a line.
        if mention.at.span.start < end || range.start.line != range.end.line {
            continue;
        }
        end = mention.at.span.end;
        let delta_line = range.start.line - line;
        let delta_start =
            if delta_line == 0 { range.start.character - column } else { range.start.character };
        tokens.push(SemanticToken {
            delta_line,
            delta_start,
            length: range.end.character - range.start.character,
            token_type: kind,
            token_modifiers_bitset: modifiers(snapshot, mention),
        });
        (line, column) = (range.start.line, range.start.character);
    }
    tokens
}

fn modifiers(snapshot: &Snapshot, mention: &Mention) -> u32 {
    let home = mention.given.and_then(|place| snapshot.source(place.file));
    let library = if home.is_some_and(crate::Source::is_library) { LIBRARY } else { 0 };
    if mention.is_given() { DECLARATION | library } else { library }
}

/// The number of the token type of what a name stands for; none for what is coloured already.
fn kind(meaning: &Meaning) -> Option<u32> {
    let wanted = match meaning {
        Meaning::Module(_) => SemanticTokenType::NAMESPACE,
        Meaning::Kind(_) => SemanticTokenType::CLASS,
        Meaning::Type(_) | Meaning::Plain(_) => SemanticTokenType::TYPE,
        Meaning::Choice(..) => SemanticTokenType::ENUM_MEMBER,
        Meaning::Port(_) => SemanticTokenType::PROPERTY,
        Meaning::Let
        | Meaning::Secret
        | Meaning::Step(_)
        | Meaning::Resource(_)
        | Meaning::Block(_)
        | Meaning::Bound
        | Meaning::Ambient(_) => SemanticTokenType::VARIABLE,
        Meaning::Param(..) => SemanticTokenType::PARAMETER,
        Meaning::Pipeline(_) | Meaning::Function(_) => SemanticTokenType::FUNCTION,
        Meaning::Verb(_) | Meaning::Constant(_) => SemanticTokenType::KEYWORD,
        Meaning::Metric(_) => SemanticTokenType::EVENT,
        Meaning::File(_) | Meaning::Literal => return None,
    };
    let number = TYPES.iter().position(|kind| *kind == wanted)?;
    u32::try_from(number).ok()
}

#[cfg(test)]
mod tests;
