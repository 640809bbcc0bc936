//! Reading a log from where one left off.

use super::*;
use std::fs;

#[test]
fn a_log_is_read_from_where_one_left_off() {
    let folder = tempfile::tempdir().unwrap();
    let look = |offset| read(folder.path(), Stream::Stdout, offset).unwrap();
    assert_eq!(look(0), Chunk { bytes: Vec::new(), next: 0 });

    let path = folder.path().join(STDOUT);
    fs::write(&path, "one\n").unwrap();
    assert_eq!(look(0), Chunk { bytes: b"one\n".to_vec(), next: 4 });
    fs::write(&path, "one\ntwo\n").unwrap();
    assert_eq!(look(4), Chunk { bytes: b"two\n".to_vec(), next: 8 });
    assert_eq!(look(8), Chunk { bytes: Vec::new(), next: 8 });
}

#[test]
fn a_long_log_comes_in_bounded_pieces() {
    let folder = tempfile::tempdir().unwrap();
    let bytes = usize::try_from(CHUNK_BYTES_MAX).unwrap();
    fs::write(folder.path().join(STDERR), vec![b'x'; bytes + 1]).unwrap();
    let first = read(folder.path(), Stream::Stderr, 0).unwrap();
    assert_eq!((first.bytes.len(), first.next), (bytes, CHUNK_BYTES_MAX));
    let last = read(folder.path(), Stream::Stderr, first.next).unwrap();
    assert_eq!((last.bytes.len(), last.next), (1, CHUNK_BYTES_MAX + 1));
}
