//! Tests.
use std::fmt::Write as _;

fn drawn(text: &str) -> String {
    let mut drawn = String::new();
    for error in crate::parse(text).errors {
        let (line, column) = crate::line_column(text, error.span.start);
        writeln!(drawn, "{line}:{column} {}: {}", error.code, error.message).unwrap();
        for help in error.help {
            writeln!(
                drawn,
                "    help: {} {:?}",
                help.message,
                help.edits.iter().map(|e| (e.span.start, e.span.end, &e.text)).collect::<Vec<_>>()
            )
            .unwrap();
        }
    }
    drawn
}

#[test]
fn probe() {
    for dir in [
        "/work/shared/prototypes/language/examples",
        "/work/shared/prototypes/language",
        "../../examples/quickstart",
    ] {
        for entry in std::fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_none_or(|e| e != "suho") {
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            eprintln!("{path:?}\n{}", drawn(&text));
        }
    }
}
