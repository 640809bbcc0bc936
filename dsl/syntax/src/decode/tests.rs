use super::{NotText, decode};
use crate::{BYTES_MAX, parse};

fn refused(bytes: &[u8]) -> String {
    decode(bytes.to_vec()).unwrap_err().to_string()
}

#[test]
fn bytes_that_are_no_text_are_refused_with_what_to_do() {
    assert_eq!(
        refused(b"edition 2026\n// caf\xE9\n"),
        "byte 0xE9 at 2:7 is not UTF-8; save the file as UTF-8"
    );
    assert_eq!(refused(b"\xFF\xFEe\0"), "the file is UTF-16; save it as UTF-8");
    assert_eq!(refused(b"\x7FELF\0\0"), "the file is not a text");
}

#[test]
fn a_byte_order_mark_and_carriage_returns_are_text() {
    let text = decode(b"\xEF\xBB\xBFedition 2026\r\n".to_vec()).unwrap();
    assert!(parse(&text).errors.is_empty());
}

#[test]
fn a_hundred_megabytes_are_refused_unread() {
    let bytes = vec![b'('; 100 << 20];
    let expected = "the file has 102400 KiB; at most 1024 KiB are read";
    assert_eq!(refused(&bytes), expected);
    let text = String::from_utf8(bytes).unwrap();
    let errors = parse(&text).errors;
    assert_eq!((errors.len(), &*errors[0].message), (1, "the file is larger than 1024 KiB"));
    assert!(decode(vec![b' '; BYTES_MAX]).is_ok());
    assert!(matches!(decode(vec![b' '; BYTES_MAX + 1]), Err(NotText::TooLarge { .. })));
}
