//! The users of a rehearsal, and the bucket each falls into.

use suho_domain::DeploymentId;
use suho_rollout::bucket;

/// Users by number, with their names and their buckets under one salt.
#[derive(Clone, Debug)]
pub(crate) struct Population {
    units: Vec<String>,
    salt: Option<DeploymentId>,
    buckets: Vec<u16>,
}

impl Population {
    /// `units` users, named `rehearsal/u0` and on: the tenant, then the user.
    pub(crate) fn new(units: u32) -> Self {
        let units = (0..units).map(|number| format!("rehearsal/u{number}")).collect();
        Self { units, salt: None, buckets: Vec::new() }
    }

    /// Puts every user into a bucket of `salt`, once a salt.
    pub(crate) fn salt(&mut self, salt: &DeploymentId) {
        if self.salt.as_ref() != Some(salt) {
            self.buckets = self.units.iter().map(|unit| bucket(salt.as_str(), unit)).collect();
            self.salt = Some(salt.clone());
        }
    }

    /// A user's name and bucket; none beyond the last, or before there was a salt.
    pub(crate) fn get(&self, unit: u32) -> Option<(&str, u16)> {
        let at = usize::try_from(unit).ok()?;
        Some((self.units.get(at)?, *self.buckets.get(at)?))
    }

    /// The user of that name.
    pub(crate) fn number(&self, unit: &str) -> Option<u32> {
        let number: u32 = unit.strip_prefix("rehearsal/u")?.parse().ok()?;
        let known = self.units.get(usize::try_from(number).ok()?)?;
        (known == unit).then_some(number)
    }
}
