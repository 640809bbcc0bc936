//! Which addresses a request may go to: those of the open internet, and those that a step names.
//!
//! What is asked for by name is looked up once, and connected to as it was judged: a name that
//! answers differently the second time gains nothing.

use std::fmt::{self, Debug};
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::NextTimeout;

/// Looks names up, and refuses addresses that a request may not go to.
pub(super) struct Guarded {
    /// Hosts that the step names: `host` or `host:port`.
    hosts: Vec<String>,
    inner: DefaultResolver,
}

impl Guarded {
    pub(super) fn of(hosts: &[String]) -> Self {
        Self { hosts: hosts.to_vec(), inner: DefaultResolver::default() }
    }

    fn is_named(&self, uri: &Uri) -> bool {
        let host = uri.host().unwrap_or_default();
        let usual = if uri.scheme_str() == Some("https") { 443 } else { 80 };
        let port = uri.port_u16().unwrap_or(usual);
        let whole = format!("{host}:{port}");
        self.hosts.iter().any(|named| *named == host || *named == whole)
    }
}

impl Debug for Guarded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Guarded").field("hosts", &self.hosts).finish_non_exhaustive()
    }
}

impl Resolver for Guarded {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let found = self.inner.resolve(uri, config, timeout)?;
        let refused = |address: &SocketAddr| match judge(address.ip()) {
            Reach::Open => false,
            Reach::Private => !self.is_named(uri),
            Reach::Never => true,
        };
        match found.iter().find(|address| refused(address)) {
            None => Ok(found),
            Some(address) => {
                let host = uri.host().unwrap_or_default();
                let message = match judge(address.ip()) {
                    Reach::Never => {
                        format!("`{host}` is {}, which no step may reach", address.ip())
                    }
                    Reach::Private | Reach::Open => format!(
                        "`{host}` is {}, a private address; a step that may reach it says \
                         `effects = [net(\"{host}\")]`",
                        address.ip()
                    ),
                };
                Err(io::Error::new(io::ErrorKind::PermissionDenied, message).into())
            }
        }
    }
}

/// Whose an address is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Reach {
    /// The open internet's.
    Open,
    /// Of this machine or its own network: for steps that name it.
    Private,
    /// Where clouds keep their machines' credentials, or no machine at all.
    Never,
}

fn judge(address: IpAddr) -> Reach {
    match address {
        IpAddr::V4(address) => judge_v4(address),
        IpAddr::V6(address) => judge_v6(address),
    }
}

fn judge_v4(address: Ipv4Addr) -> Reach {
    match address.octets() {
        // Link-local, this network, multicast and what was never given out.
        [169, 254, ..] | [0 | 224..=255, ..] => Reach::Never,
        // Carriers' own, protocols' own, and for measuring.
        [100, 64..=127, ..] | [192, 0, 0, _] | [198, 18..=19, ..] => Reach::Private,
        _ if address.is_loopback() || address.is_private() || address.is_documentation() => {
            Reach::Private
        }
        _ => Reach::Open,
    }
}

fn judge_v6(address: Ipv6Addr) -> Reach {
    let embedded = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        judge_v4(Ipv4Addr::new(a, b, c, d))
    };
    match address.segments() {
        [0, 0, 0, 0, 0, 0, 0, 1] => Reach::Private,
        // An address of version 4 in one of version 6: mapped, compatible, translated, tunnelled.
        [0, 0, 0, 0, 0, 0 | 0xffff, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] => {
            embedded(high, low)
        }
        [0x2002, high, low, ..] => embedded(high, low),
        // Link-local, multicast, tunnels that hide where they lead, and a cloud's credentials.
        [0xfe80..=0xfebf | 0xff00..=0xffff, ..]
        | [0x2001, 0, ..]
        | [0xfd00, 0x0ec2, 0, 0, 0, 0, 0, 0x0254] => Reach::Never,
        [0xfc00..=0xfdff | 0xfec0..=0xfeff, ..] | [0x2001, 0x0db8, ..] | [0x64, 0xff9b, 1, ..] => {
            Reach::Private
        }
        _ => Reach::Open,
    }
}

#[cfg(test)]
mod tests;
