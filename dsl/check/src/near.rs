//! "Did you mean": the name nearest to one that does not exist.

/// The candidate nearest to `name`, the earlier one of equals: put those that fit best first.
///
/// At most one edit away for every three letters, and at least one (a swap of neighbours is one).
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let letters = name.chars().count();
    // A single letter is one edit away from every other.
    let far = (letters / 3).max(1).min(letters.saturating_sub(1));
    candidates
        .into_iter()
        .map(|each| (strsim::damerau_levenshtein(name, each), each))
        .filter(|(distance, _)| (1..=far).contains(distance))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, each)| each)
}

/// `` `a`, `b` and `c` ``.
pub(crate) fn listed<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let mut quoted: Vec<String> = names.into_iter().map(|name| format!("`{name}`")).collect();
    match (quoted.pop(), quoted.is_empty()) {
        (Some(last), true) => last,
        (Some(last), false) => format!("{} and {last}", quoted.join(", ")),
        (None, _) => String::new(),
    }
}

#[cfg(test)]
mod tests;
