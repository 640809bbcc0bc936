//! Paths of `use`, relative to the file they stand in.

/// The file that `path` means in the file `from`, both relative to the project's root. `None` when
/// it leads out of the root.
pub(crate) fn resolve(from: &str, path: &str) -> Option<String> {
    if path.starts_with('/') {
        return None;
    }
    let folder = from.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut parts: Vec<&str> = Vec::new();
    for part in folder.split('/').chain(path.split('/')) {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::resolve;

    #[test]
    fn a_path_starts_at_the_file_that_uses_it() {
        let cases = [
            ("a.suho", "./b.suho", Some("b.suho")),
            ("pipelines/a.suho", "../models/b.suho", Some("models/b.suho")),
            ("pipelines/a.suho", "b.suho", Some("pipelines/b.suho")),
            ("a.suho", "../b.suho", None),
            ("a.suho", "/etc/passwd", None),
        ];
        for (from, path, expected) in cases {
            assert_eq!(resolve(from, path).as_deref(), expected, "`{path}` in `{from}`");
        }
    }
}
