use super::{fix, overlap};
use crate::World;
use suho_syntax::ast::Span;

/// A prelude of a few lines, and no other files.
struct Small;

impl World for Small {
    fn prelude(&self) -> Vec<(String, String)> {
        let text = "edition 2026\nrecord Shape {\n  in name: Text\n  in size: Int = 1\n  in wait: Duration = 1s\n}\nresource shape: Shape\n";
        vec![("core.suho".to_owned(), text.to_owned())]
    }

    fn read(&self, _from: &str, _path: &str) -> Result<(String, String), String> {
        Err("there is no such file".to_owned())
    }

    fn features(&self) -> Option<Vec<String>> {
        None
    }
}

fn fixed(text: &str) -> (String, Vec<&'static str>, Vec<&'static str>) {
    let fixed = fix(&[("main.suho".to_owned(), text.to_owned())], &Small);
    let left = fixed.checked.diagnostics.iter().map(|found| found.code).collect();
    let mended = fixed.mended.iter().map(|mended| mended.code).collect();
    (fixed.files[0].1.clone(), mended, left)
}

#[test]
fn mistakes_are_mended_until_none_is_left() {
    let (text, mended, left) = fixed(
        "# a shape\nshape square {\n  siz: 2\n  wait = \"5s\",\n}\nlet other = squar.size && True\n",
    );
    assert_eq!(
        text,
        "edition 2026\n\n// a shape\nshape square {\n  size = 2\n  wait = 5s\n}\nlet other = square.size and true\n"
    );
    assert_eq!(left, ["type-mismatch"]);
    assert_eq!(mended.len(), 9, "{mended:?}");
}

#[test]
fn what_a_person_has_to_decide_is_left() {
    let text = "edition 2026\nshape square { wait = 5M }\n";
    let (same, mended, left) = fixed(text);
    assert_eq!((&*same, mended.len(), left), (text, 0, vec!["unknown-unit"]));
}

#[test]
fn a_text_without_mistakes_stays_as_it_is() {
    let text = "edition 2026\nshape   square { size = 2 }\n";
    assert_eq!(fixed(text), (text.to_owned(), vec![], vec![]));
}

#[test]
fn many_mistakes_are_mended_at_once() {
    let lines: String = (0..2_000).map(|n| format!("let a{n} = True\n")).collect();
    let (text, mended, left) = fixed(&format!("edition 2026\n{lines}"));
    assert_eq!((mended.len(), left.len()), (2_000, 0));
    assert!(!text.contains("True"));
}

#[test]
fn edits_at_one_place_do_not_get_into_each_others_way() {
    let span = |start, end| Span { start, end };
    assert!(!overlap(span(3, 3), span(3, 3)));
    assert!(!overlap(span(0, 3), span(3, 5)));
    assert!(overlap(span(0, 4), span(3, 5)));
    assert!(overlap(span(4, 4), span(3, 5)));
}
