//! Names of files with `*` for any part of a name, `?` for any letter and `**` for any folders.

/// Whether `text` has a form rather than a name.
pub(super) fn is_pattern(text: &str) -> bool {
    text.contains(['*', '?'])
}

/// What every name of the form begins with.
pub(super) fn prefix(pattern: &str) -> &str {
    pattern.split(['*', '?']).next().unwrap_or_default()
}

/// Whether `name` has the form.
pub(super) fn is_match(pattern: &str, name: &str) -> bool {
    let pattern: Vec<&str> = pattern.split('/').collect();
    let name: Vec<&str> = name.split('/').collect();
    all_match(&pattern, &name, &|pattern| *pattern == "**", &|pattern, name| {
        let pattern: Vec<char> = pattern.chars().collect();
        let name: Vec<char> = name.chars().collect();
        all_match(&pattern, &name, &|pattern| *pattern == '*', &|pattern, name| {
            *pattern == '?' || pattern == name
        })
    })
}

/// Whether `things` are what `pattern` says: each matches its own, and a wildcard any number.
///
/// In time of the product of the two lengths: after a mismatch only the last wildcard is tried
/// with one thing more, which suffices, because an earlier one could do nothing the last cannot.
fn all_match<P, T>(
    pattern: &[P],
    things: &[T],
    is_wild: &dyn Fn(&P) -> bool,
    is_one: &dyn Fn(&P, &T) -> bool,
) -> bool {
    let (mut at, mut thing) = (0, 0);
    let mut retry: Option<(usize, usize)> = None;
    while let Some(now) = things.get(thing) {
        match pattern.get(at) {
            Some(wild) if is_wild(wild) => {
                retry = Some((at, thing));
                at += 1;
            }
            Some(one) if is_one(one, now) => {
                at += 1;
                thing += 1;
            }
            _ => {
                let Some((wild, from)) = retry else { return false };
                retry = Some((wild, from + 1));
                (at, thing) = (wild + 1, from + 1);
            }
        }
    }
    pattern.iter().skip(at).all(is_wild)
}

/// The `key=value` folders of a name, as other tools partition data sets, values decoded.
pub(super) fn partitions(name: &str) -> impl Iterator<Item = (&str, String)> {
    let folders = name.rsplit_once('/').map_or("", |(folders, _)| folders);
    folders.split('/').filter_map(|folder| {
        let (key, value) = folder.split_once('=')?;
        Some((key, decoded(value)))
    })
}

/// `EUR%2FUSD` as `EUR/USD`.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let digits = after.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
        let code = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match code {
            Some(code) if byte == b'%' => {
                bytes.push(code);
                rest = after.get(2..).unwrap_or_default();
            }
            _ => {
                bytes.push(byte);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
