//! What a request is called. Its name says all that a restart has to know of it.

use std::fmt;
use suho_domain::DeploymentId;

/// `DEPLOYMENT/GENERATION/MINUTE/NUMBER`, unique over all rehearsals.
///
/// Counters are built again from stored rows, and the rows hold neither when their rollout began
/// nor which routing table was in force: their names do.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct RequestName<'a> {
    /// The rollout.
    pub(crate) deployment: &'a DeploymentId,
    /// Generation of the routing table it went by; 0 before the first.
    pub(crate) generation: u64,
    /// Whole minutes since the rollout began.
    pub(crate) minute: i64,
    /// Its place in the minute, from zero.
    pub(crate) number: usize,
}

impl fmt::Display for RequestName<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { deployment, generation, minute, number } = self;
        write!(f, "{deployment}/{generation}/{minute}/{number}")
    }
}

impl<'a> RequestName<'a> {
    /// Reads a name of `deployment`'s; none when it is another's, or no such name.
    pub(crate) fn read(deployment: &'a DeploymentId, text: &str) -> Option<Self> {
        let mut parts = text.strip_prefix(deployment.as_str())?.strip_prefix('/')?.split('/');
        let mut next = || parts.next();
        let (generation, minute) = (next()?.parse().ok()?, next()?.parse().ok()?);
        let number = next()?.parse().ok()?;
        next().is_none().then_some(Self { deployment, generation, minute, number })
    }
}
