//! The words of the language, and the one that a misspelt word was meant to be.

/// Words that are never names.
pub(crate) const RESERVED: [&str; 8] = ["if", "then", "else", "and", "or", "not", "with", "let"];

/// Words that a rule begins with.
pub(crate) const VERBS: [&str; 9] =
    ["require", "rollback", "hold", "fire", "resolve", "compare", "check", "expect", "invariant"];

/// Words that other statements begin with.
pub(crate) const HEADS: [&str; 13] = [
    "edition", "use", "let", "param", "secret", "in", "out", "given", "record", "step", "resource",
    "metric", "enum",
];

/// Words that may follow a value, on the line of a rule and elsewhere.
pub(crate) const AFTER_VALUE: [&str; 11] =
    ["for", "at", "else", "after", "and", "or", "in", "over", "with", "then", "if"];

/// The candidate that `word` was meant to be: the nearest one, within a third of its length or one
/// letter, a swap of neighbours counting as one.
pub(crate) fn nearest<'c>(
    word: &str,
    candidates: impl IntoIterator<Item = &'c &'static str>,
) -> Option<&'static str> {
    let length = word.chars().count();
    candidates
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(word, candidate), *candidate))
        .filter(|(distance, candidate)| {
            let long = candidate.len().max(length);
            (1..=1.max(length / 3)).contains(distance) && long > 2 && *distance < length
        })
        .min()
        .map(|(_, candidate)| candidate)
}
