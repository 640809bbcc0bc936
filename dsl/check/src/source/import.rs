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

/// How the file `from` names the file `to`, both relative to the project's root.
pub(crate) fn between(from: &str, to: &str) -> String {
    let folders = |name: &'_ str| -> Vec<String> {
        name.rsplit_once('/')
            .map_or(Vec::new(), |(folder, _)| folder.split('/').map(str::to_owned).collect())
    };
    let (here, there) = (folders(from), folders(to));
    let shared = here.iter().zip(&there).take_while(|(a, b)| a == b).count();
    let up = "../".repeat(here.len() - shared);
    let down = to.splitn(shared + 1, '/').last().unwrap_or(to);
    if up.is_empty() { format!("./{down}") } else { format!("{up}{down}") }
}

#[cfg(test)]
mod tests {
    use super::{between, resolve};

    #[test]
    fn a_path_leads_back_to_the_file_it_was_made_for() {
        let cases = [
            ("a.suho", "b.suho", "./b.suho"),
            ("p/a.suho", "p/b.suho", "./b.suho"),
            ("p/a.suho", "m/b.suho", "../m/b.suho"),
            ("p/q/a.suho", "b.suho", "../../b.suho"),
            ("a.suho", "m/n/b.suho", "./m/n/b.suho"),
        ];
        for (from, to, expected) in cases {
            assert_eq!(between(from, to), expected, "`{to}` from `{from}`");
            assert_eq!(resolve(from, expected).as_deref(), Some(to));
        }
    }

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
