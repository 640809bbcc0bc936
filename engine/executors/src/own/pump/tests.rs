use super::*;

fn pumped(said: &[u8], bytes_max: u64) -> String {
    let mut log = Vec::new();
    let redactor = Redactor::of(["hushhush"].into_iter());
    pump(said, &mut log, redactor, bytes_max).unwrap();
    String::from_utf8(log).unwrap()
}

#[test]
fn what_is_said_is_kept_to_its_last_letter() {
    assert_eq!(pumped(b"one\ntwo", 100), "one\ntwo");
    assert_eq!(pumped(b"it is hushhush", 100), "it is [secret]");
}

#[test]
fn beyond_its_bound_a_log_says_how_much_is_missing() {
    let said = pumped("x".repeat(100_000).as_bytes(), 10);
    assert_eq!(
        said,
        "xxxxxxxxxx\n[the log is full; 99990 bytes more were said and are not kept]\n"
    );
}
