//! Where a daemon is found: one small file that it writes once its recovery is complete.

use crate::error::DaemonError;
use crate::lock::works;
use serde::{Deserialize, Serialize};
use std::fs;
use std::io::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

/// The file in the data folder.
pub(crate) const FILE: &str = "daemon.json";

/// Where a daemon is found. The ready file and `daemon.json` in the data folder hold it as JSON.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct Place {
    /// The version of this shape.
    pub version: u32,
    /// Its process.
    pub pid: u32,
    /// The port of [`address`](Self::address), by itself.
    pub port: u16,
    /// Where it answers to this machine.
    pub address: SocketAddr,
    /// Where it answers to others, over TLS, if it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub open: Option<SocketAddr>,
    /// The environment it carries out.
    pub environment: String,
    /// The file that holds the token which requests must carry, if they must.
    #[serde(default)]
    pub token_file: Option<PathBuf>,
}

impl Place {
    /// Writes it to `path`, whole or not at all.
    pub(crate) fn write(&self, path: &Path) -> Result<(), DaemonError> {
        let refused = |source| DaemonError::File { doing: "write", path: path.into(), source };
        let draft = path.with_extension("json.draft");
        let text = serde_json::to_string(self).map_err(|error| refused(error.into()))?;
        let mut file = fs::File::create(&draft).map_err(refused)?;
        file.write_all(text.as_bytes()).and_then(|()| file.write_all(b"\n")).map_err(refused)?;
        drop(file);
        fs::rename(&draft, path).map_err(refused)
    }
}

/// The daemon that works on `folder` and is ready to answer.
pub fn find(folder: &Path) -> Option<Place> {
    let text = fs::read_to_string(folder.join(FILE)).ok()?;
    let place: Place = serde_json::from_str(&text).ok()?;
    works(folder, place.pid).then_some(place)
}
