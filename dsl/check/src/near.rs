//! "Did you mean": the name nearest to one that does not exist.

/// What other languages call something, and what it is called here.
const ELSEWHERE: [(&str, &str); 27] = [
    ("depends_on", "after"),
    ("dependsOn", "after"),
    ("needs", "after"),
    ("requires", "after"),
    ("dependencies", "after"),
    ("condition", "when"),
    ("only_if", "when"),
    ("command", "script"),
    ("cmd", "script"),
    ("environment", "env"),
    ("schedule", "cron"),
    ("interval", "every"),
    ("workflow", "pipeline"),
    ("dag", "pipeline"),
    ("integer", "Int"),
    ("str", "Text"),
    ("string", "Text"),
    ("String", "Text"),
    ("number", "Float"),
    ("double", "Float"),
    ("decimal", "Float"),
    ("boolean", "Bool"),
    ("datetime", "Instant"),
    ("timestamp", "Instant"),
    ("timedelta", "Duration"),
    ("percent", "Ratio"),
    ("percentage", "Ratio"),
];

/// The candidate nearest to `name`, the earlier one of equals: put those that fit best first. Where
/// none is near, the one that other languages call `name`.
///
/// At most one edit away for every three letters, and at least one (a swap of neighbours is one).
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let candidates: Vec<&str> = candidates.into_iter().collect();
    by_letters(name, candidates.iter().copied()).or_else(|| {
        let (_, ours) = ELSEWHERE.iter().find(|(theirs, _)| *theirs == name)?;
        candidates.into_iter().find(|each| each == ours)
    })
}

fn by_letters<'a>(name: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let letters = name.chars().count();
    // A single letter is one edit away from every other.
    let far = (letters / 3).max(1).min(letters.saturating_sub(1));
    candidates
        .filter(|each| each.chars().count().abs_diff(letters) <= far)
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
