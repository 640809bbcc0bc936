//! TLS, for those who ask from other machines.

use crate::error::DaemonError;
use axum::serve::Listener;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::{Receiver, channel};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::pki_types::pem::{self, PemObject as _};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{self, ServerConfig};
use tokio_rustls::server::TlsStream;

/// How long a handshake may take, and how many are under way at a time: more wait in the kernel.
const HANDSHAKE_MAX: Duration = Duration::from_secs(10);
const HANDSHAKES_MAX: usize = 64;
/// How long to wait when the system gives no more connections.
const REFUSED_PAUSE: Duration = Duration::from_secs(1);

/// The files that say who a daemon is, as PEM. They are read at the start.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Tls {
    /// Its certificate, and those between that one and a root, in this order.
    pub certificate: PathBuf,
    /// The certificate's key.
    pub key: PathBuf,
}

impl Tls {
    /// What answers handshakes.
    pub(crate) fn acceptor(&self) -> Result<TlsAcceptor, DaemonError> {
        let certificates = CertificateDer::pem_file_iter(&self.certificate)
            .and_then(Iterator::collect::<Result<Vec<_>, _>>)
            .map_err(|error| unusable(&self.certificate, "certificate", error))?;
        if certificates.is_empty() {
            let none = pem::Error::NoItemsFound;
            return Err(unusable(&self.certificate, "certificate", none));
        }
        let key = PrivateKeyDer::from_pem_file(&self.key)
            .map_err(|error| unusable(&self.key, "key", error))?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .and_then(|builder| builder.with_no_client_auth().with_single_cert(certificates, key))
            .map_err(|error| unusable(&self.key, "key of that certificate", error))?;
        Ok(TlsAcceptor::from(Arc::new(config)))
    }
}

fn unusable(
    path: &Path,
    holds: &'static str,
    source: impl std::error::Error + Send + Sync + 'static,
) -> DaemonError {
    DaemonError::Tls { path: path.to_owned(), holds, source: Box::new(source) }
}

/// Connections whose handshake is done. One that is slow at it holds nobody else up.
pub(crate) struct Handshakes {
    done: Receiver<(TlsStream<TcpStream>, SocketAddr)>,
    address: SocketAddr,
}

impl Handshakes {
    /// Those that come to `listener`, which is on `address`. Must be called within a runtime.
    pub(crate) fn of(listener: TcpListener, address: SocketAddr, acceptor: TlsAcceptor) -> Self {
        let (sender, done) = channel(HANDSHAKES_MAX);
        let room = Arc::new(Semaphore::new(HANDSHAKES_MAX));
        drop(tokio::spawn(async move {
            while let Ok(place) = Arc::clone(&room).acquire_owned().await {
                let Ok((stream, from)) = listener.accept().await else {
                    tokio::time::sleep(REFUSED_PAUSE).await;
                    continue;
                };
                let (acceptor, sender) = (acceptor.clone(), sender.clone());
                drop(tokio::spawn(async move {
                    let _place: OwnedSemaphorePermit = place;
                    let greeted = tokio::time::timeout(HANDSHAKE_MAX, acceptor.accept(stream));
                    // Whoever cannot greet us is nobody's concern but its own.
                    if let Ok(Ok(stream)) = greeted.await {
                        drop(sender.send((stream, from)).await);
                    }
                }));
            }
        }));
        Self { done, address }
    }
}

impl Listener for Handshakes {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        match self.done.recv().await {
            Some(greeted) => greeted,
            // Nobody accepts any more: the daemon is about to end.
            None => std::future::pending().await,
        }
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        Ok(self.address)
    }
}
