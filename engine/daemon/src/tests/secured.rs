//! Daemons that others may ask.

use super::shop::{HOURLY, Shop};
use crate::{Options, Tls};
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::sync::Arc;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::{self, ClientConfig, ClientConnection, RootCertStore, StreamOwned};

const NOW: &str = "2026-06-01T12:30:00Z";
const NAME: &str = "trading.example";

/// Options of a daemon that others may ask, and its certificate.
fn secured(shop: &Shop) -> (Options, CertificateDer<'static>) {
    let made = rcgen::generate_simple_self_signed([NAME.to_owned()]).unwrap();
    let [certificate, key] = ["cert.pem", "key.pem"].map(|name| shop.folder.path().join(name));
    std::fs::write(&certificate, made.cert.pem()).unwrap();
    std::fs::write(&key, made.signing_key.serialize_pem()).unwrap();
    let mut options = shop.options();
    options.listen = "0.0.0.0:0".parse().unwrap();
    options.token = Some(("secret".to_owned(), "/token".into()));
    options.tls = Some(Tls { certificate, key });
    (options, made.cert.der().clone())
}

/// What `request` is answered over TLS; `None` when nobody there proves to be [`NAME`].
fn ask(open: SocketAddr, root: &CertificateDer<'static>, request: &str) -> Option<String> {
    let mut roots = RootCertStore::empty();
    roots.add(root.clone()).unwrap();
    let config =
        ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
    let client = ClientConnection::new(Arc::new(config), NAME.try_into().unwrap()).unwrap();
    let mut stream =
        StreamOwned::new(client, TcpStream::connect(("127.0.0.1", open.port())).unwrap());
    stream.write_all(request.as_bytes()).ok()?;
    let mut answer = String::new();
    // Servers may leave without a farewell once they have answered.
    drop(stream.read_to_string(&mut answer));
    Some(answer)
}

fn get(path: &str, headers: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: {NAME}\r\n{headers}Connection: close\r\n\r\n")
}

fn status(answer: Option<String>) -> String {
    answer.unwrap_or_default().lines().next().unwrap_or_default().to_owned()
}

#[test]
fn others_are_answered_over_tls_with_the_token_alone() {
    let shop = Shop::new(HOURLY, NOW);
    let (options, certificate) = secured(&shop);
    let daemon = shop.open_with(&options);
    let open = daemon.place.open.unwrap();
    assert!(daemon.place.address.ip().is_loopback());
    let with = "Authorization: Bearer secret\r\n";
    assert_eq!(status(ask(open, &certificate, &get("/v1/runs", with))), "HTTP/1.1 200 OK");
    let without = ask(open, &certificate, &get("/v1/runs", ""));
    assert_eq!(status(without), "HTTP/1.1 401 Unauthorized");
    assert_eq!(status(ask(open, &certificate, &get("/healthz", ""))), "HTTP/1.1 200 OK");
    let page = "POST /v1/runs HTTP/1.1\r\nHost: trading.example\r\nOrigin: https://evil.example\r\n\
                Authorization: Bearer secret\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}";
    assert_eq!(status(ask(open, &certificate, page)), "HTTP/1.1 403 Forbidden");
    let other = rcgen::generate_simple_self_signed([NAME.to_owned()]).unwrap().cert.der().clone();
    assert_eq!(ask(open, &other, &get("/healthz", "")), None);
    daemon.leave();
}

#[test]
fn who_does_not_speak_tls_is_told_nothing_and_holds_nobody_up() {
    let shop = Shop::new(HOURLY, NOW);
    let (options, certificate) = secured(&shop);
    let daemon = shop.open_with(&options);
    let open = daemon.place.open.unwrap();
    let _silent: Vec<_> =
        (0..8).map(|_| TcpStream::connect(("127.0.0.1", open.port())).unwrap()).collect();
    let mut plain = TcpStream::connect(("127.0.0.1", open.port())).unwrap();
    plain.write_all(get("/v1/runs", "Authorization: Bearer secret\r\n").as_bytes()).unwrap();
    let mut said = Vec::new();
    drop(plain.read_to_end(&mut said));
    assert!(!String::from_utf8_lossy(&said).contains("HTTP"), "{said:?}");
    assert_eq!(status(ask(open, &certificate, &get("/healthz", ""))), "HTTP/1.1 200 OK");
    daemon.leave();
}

#[test]
fn what_is_no_identity_is_refused_with_its_file() {
    let shop = Shop::new(HOURLY, NOW);
    let (good, _) = secured(&shop);
    let files = good.tls.clone().unwrap();
    let [empty, absent] = ["empty.pem", "absent.pem"].map(|name| shop.folder.path().join(name));
    std::fs::write(&empty, "").unwrap();
    let foreign = shop.folder.path().join("foreign.pem");
    let other = rcgen::generate_simple_self_signed([NAME.to_owned()]).unwrap();
    std::fs::write(&foreign, other.signing_key.serialize_pem()).unwrap();
    let refused = |certificate: &Path, key: &Path| {
        let tls = Some(Tls { certificate: certificate.to_owned(), key: key.to_owned() });
        let error = shop.start_with(&Options { tls, ..good.clone() }).unwrap_err();
        assert_eq!(error.fault().exit_code(), 2);
        error.to_string().replace(&shop.folder.path().display().to_string(), "")
    };
    let found = [
        refused(&absent, &files.key),
        refused(&empty, &files.key),
        refused(&files.key, &files.key),
        refused(&files.certificate, &absent),
        refused(&files.certificate, &files.certificate),
        refused(&files.certificate, &foreign),
    ];
    assert_eq!(
        found,
        [
            "`/absent.pem` holds no usable certificate",
            "`/empty.pem` holds no usable certificate",
            "`/key.pem` holds no usable certificate",
            "`/absent.pem` holds no usable key",
            "`/cert.pem` holds no usable key",
            "`/foreign.pem` holds no usable key of that certificate",
        ]
    );
}

#[test]
fn others_need_both_a_token_and_tls() {
    let shop = Shop::new(HOURLY, NOW);
    let (good, _) = secured(&shop);
    for lacking in [Options { tls: None, ..good.clone() }, Options { token: None, ..good }] {
        let refused = shop.start_with(&lacking).unwrap_err();
        assert_eq!(refused.fault().exit_code(), 2);
        assert_eq!(
            refused.to_string(),
            "cannot listen on 0.0.0.0:0 without a token and TLS: other machines reach it"
        );
    }
}
