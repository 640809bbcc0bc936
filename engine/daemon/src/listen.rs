//! Where a daemon answers: the commands of this machine on the loopback, others over TLS.

use crate::api::{self, guard::Guard};
use crate::desk::Desk;
use crate::error::DaemonError;
use crate::tls::Handshakes;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};
use tokio_rustls::TlsAcceptor;

/// What answers, until it is dropped.
pub(crate) struct Listening {
    pub(crate) runtime: Runtime,
    /// Where this machine's commands ask.
    pub(crate) address: SocketAddr,
    /// Where others do, over TLS.
    pub(crate) open: Option<SocketAddr>,
}

/// Answers on `address`; over TLS where there is a `tls`, and then to this machine's commands on a
/// free port of the loopback besides. Requests must carry `token`, if there is one.
pub(crate) fn listen(
    address: SocketAddr,
    token: Option<&str>,
    tls: Option<TlsAcceptor>,
    desk: &Arc<Desk>,
) -> Result<Listening, DaemonError> {
    let runtime = Builder::new_multi_thread()
        .worker_threads(1)
        .thread_name("suho-api")
        .enable_io()
        .enable_time()
        .build()
        .map_err(DaemonError::Thread)?;
    let within = runtime.enter();
    let here = if tls.is_some() { SocketAddr::from((Ipv4Addr::LOCALHOST, 0)) } else { address };
    let (listener, here) = bind(here)?;
    let router = api::router(Arc::clone(desk), Guard::of_this_machine(token));
    // A listener that fails takes nobody with it: runs go on, and `/healthz` falls silent.
    drop(runtime.spawn(async move { drop(axum::serve(listener, router).await) }));
    let open = match tls {
        None => None,
        Some(acceptor) => {
            let (listener, open) = bind(address)?;
            let router = api::router(Arc::clone(desk), Guard::of_others(token));
            let handshakes = Handshakes::of(listener, open, acceptor);
            drop(runtime.spawn(async move { drop(axum::serve(handshakes, router).await) }));
            Some(open)
        }
    };
    drop(within);
    Ok(Listening { runtime, address: here, open })
}

/// Listens on `address`; answers with which port, too.
fn bind(address: SocketAddr) -> Result<(TcpListener, SocketAddr), DaemonError> {
    let refused = |source| DaemonError::Listen { address, source };
    let listener = std::net::TcpListener::bind(address).map_err(refused)?;
    listener.set_nonblocking(true).map_err(refused)?;
    let bound = listener.local_addr().map_err(refused)?;
    Ok((TcpListener::from_std(listener).map_err(refused)?, bound))
}
