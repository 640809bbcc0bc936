use super::*;

const SECRET: &str = "s3cr3t/with+signs";

fn redactor() -> Redactor {
    Redactor::of([SECRET].into_iter())
}

#[test]
fn a_secret_is_struck_out_whatever_pieces_it_comes_in() {
    let text = format!("before {SECRET} after {SECRET}{SECRET}");
    for size in 1..text.len() {
        let mut redactor = redactor();
        let mut out = Vec::new();
        for piece in text.as_bytes().chunks(size) {
            out.extend(redactor.piece(piece));
        }
        out.extend(redactor.rest());
        let out = String::from_utf8(out).unwrap();
        assert_eq!(out, "before [secret] after [secret][secret]", "in pieces of {size}");
    }
}

#[test]
fn its_forms_in_a_url_and_in_base64_are_struck_out_too() {
    let redactor = redactor();
    assert_eq!(redactor.whole("?key=s3cr3t%2Fwith%2Bsigns&x=1"), "?key=[secret]&x=1");
    // `user:` and the secret, as basic authentication writes them, one to three letters before it.
    for encoded in [
        "dXNlcjpzM2NyM3Qvd2l0aCtzaWducw==",
        "dXNlOnMzY3IzdC93aXRoK3NpZ25z",
        "dTpzM2NyM3Qvd2l0aCtzaWducw==",
    ] {
        let said = redactor.whole(encoded);
        assert!(said.contains("[secret]"), "{said}");
    }
}

#[test]
fn each_line_of_a_long_secret_is_one() {
    let redactor = Redactor::of(["first line\nsecond line\nab"].into_iter());
    assert_eq!(redactor.whole("> second line\n> ab"), "> [secret]\n> ab");
}

#[test]
fn what_holds_no_secret_passes_unchanged() {
    assert_eq!(redactor().whole("s3cr3t/with"), "s3cr3t/with");
    assert_eq!(Redactor::of(["abc"].into_iter()).whole("abc"), "abc", "too short to be one");
}
