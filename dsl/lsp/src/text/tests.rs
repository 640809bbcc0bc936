use super::Text;
use lsp_types::{Position, Range, TextDocumentContentChangeEvent};

fn at(line: u32, character: u32) -> Position {
    Position { line, character }
}

#[test]
fn columns_count_utf16_units() {
    // `é` is one unit, `🦀` two, `е́` (with a combining accent) two.
    let text = Text::new("a é b\n🦀x\r\nе\u{301}y\rz");
    let cases = [
        (0, at(0, 0)),
        (2, at(0, 2)),
        (4, at(0, 3)),
        (7, at(1, 0)),
        (11, at(1, 2)),
        (12, at(1, 3)),
        (14, at(2, 0)),
        (18, at(2, 2)),
        (20, at(3, 0)),
        (21, at(3, 1)),
    ];
    for (offset, position) in cases {
        assert_eq!(text.position(offset), position, "byte {offset}");
        assert_eq!(text.offset(position), offset, "{position:?}");
    }
}

#[test]
fn places_that_are_none_are_held_at_the_nearest() {
    let text = Text::new("🦀x\r\nend");
    assert_eq!(text.position(2), at(0, 0), "inside a character");
    assert_eq!(text.position(999), at(1, 3), "past the end");
    assert_eq!(text.offset(at(0, 1)), 0, "inside a character");
    assert_eq!(text.offset(at(0, 99)), 5, "past the line, before its end mark");
    assert_eq!(text.offset(at(99, 0)), 10, "past the last line");
}

#[test]
fn every_byte_of_a_text_comes_back_from_its_position() {
    let text = Text::new("é🦀\n\r\n\rнй\u{200D}👩‍💻 = \"ß\"\n");
    for (offset, _) in text.as_str().char_indices() {
        // Between `\r` and `\n` is no place an editor can name.
        let inside_end =
            text.as_str().as_bytes().get(offset.wrapping_sub(1)..=offset) == Some(b"\r\n");
        if !inside_end {
            assert_eq!(text.offset(text.position(offset)), offset);
        }
    }
}

#[test]
fn changes_are_applied_where_they_say() {
    let mut text = Text::new("let a = \"🦀\"\nlet b = 1\n");
    let mut change = |from, to, new: &str| {
        let range = Some(Range { start: from, end: to });
        text.change(&TextDocumentContentChangeEvent {
            range,
            range_length: None,
            text: new.to_owned(),
        });
        text.as_str().to_owned()
    };
    assert_eq!(change(at(0, 11), at(0, 11), "é"), "let a = \"🦀é\"\nlet b = 1\n");
    assert_eq!(change(at(0, 9), at(0, 11), ""), "let a = \"é\"\nlet b = 1\n");
    assert_eq!(change(at(0, 11), at(1, 0), " "), "let a = \"é\" let b = 1\n");
    // The wrong way round is read the right way round.
    assert_eq!(change(at(0, 3), at(0, 0), "use"), "use a = \"é\" let b = 1\n");
    text.change(&TextDocumentContentChangeEvent {
        range: None,
        range_length: None,
        text: "\u{FEFF}new".to_owned(),
    });
    assert_eq!(text.as_str(), "new");
}
