//! What a written string says.

/// The character an escape stands for, as `\n`; none where it is no escape of ours.
pub(crate) fn escaped(escape: &str) -> Option<char> {
    Some(match escape.strip_prefix('\\')? {
        "n" => '\n',
        "t" => '\t',
        "\"" => '"',
        "\\" => '\\',
        "$" => '$',
        _ => return None,
    })
}

/// A raw text without the indentation that all its lines share; blank lines become empty.
///
/// The line of the closing quotes counts, so that they can say where the margin is.
pub(crate) fn unindent(raw: &str) -> String {
    let raw = raw.replace("\r\n", "\n");
    let body = raw.rfind('\n').map_or(0, |end| end + 1);
    let (body, closing) = raw.split_at_checked(body).unwrap_or_default();
    let written = body.lines().filter(|line| !line.trim().is_empty());
    let margin = written.chain([closing]).map(indentation).min().unwrap_or(0);
    let cut = |line: &str| match line.trim() {
        "" => String::new(),
        _ => line.get(margin..).unwrap_or_default().to_owned(),
    };
    raw.split('\n').map(cut).collect::<Vec<_>>().join("\n")
}

fn indentation(line: &str) -> usize {
    line.len() - line.trim_start_matches([' ', '\t']).len()
}
