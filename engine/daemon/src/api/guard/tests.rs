//! Names by which this machine may be asked.

use super::*;

#[test]
fn the_loopback_has_few_names() {
    for host in ["localhost", "localhost:80", "127.0.0.1:7840", "[::1]:7840", "[::1]"] {
        assert!(is_here(host), "{host}");
    }
    let foreign =
        ["", "evil.example", "127.0.0.1.evil.example:80", "localhost.evil:1", "0.0.0.0:1"];
    for host in foreign {
        assert!(!is_here(host), "{host}");
    }
}
