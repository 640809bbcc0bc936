use super::formatting;
use crate::Text;

fn applied(text: &str) -> String {
    let text = Text::new(text);
    let mut result = text.as_str().to_owned();
    for edit in formatting(&text).unwrap() {
        let span = text.span(edit.range);
        result.replace_range(span.start..span.end, &edit.new_text);
    }
    result
}

#[test]
fn the_edit_makes_the_canonical_form() {
    for text in [
        "edition 2026\n",
        "edition 2026",
        "edition   2026\r\n\r\nlet a=1\r\n",
        "edition 2026\n\n\n\nlet a = \"\u{1F980}\"   // \u{e9}\nlet b   =   2",
        "\n\n",
        "",
        "let broken = (\nlet a   = 1\n",
    ] {
        assert_eq!(applied(text), suho_syntax::format(text).text, "{text:?}");
    }
}

#[test]
fn what_is_canonical_is_left_alone() {
    let text = crate::tests::read("examples/quickstart/pipeline.suho");
    assert_eq!(formatting(&Text::new(&text)), Ok(Vec::new()));
}

#[test]
fn only_lines_that_differ_are_touched() {
    let text = Text::new("edition 2026\n\nlet a = 1\nlet b   = 2\nlet c = 3\n");
    let edits = formatting(&text).unwrap();
    assert_eq!(edits.len(), 1);
    assert_eq!((edits[0].range.start.line, edits[0].range.end.line), (3, 4));
}
