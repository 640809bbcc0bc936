//! Who owns a model, and which place in production it competes for.

use crate::{Name, Symbol, Timeframe};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Whose model it is: everybody's, one tenant's, or one user's of a tenant.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// The platform's own models.
    Platform,
    /// One tenant's models.
    Tenant(String),
    /// One user's models: tenant, then user (which starts with `user_`).
    User(String, String),
}

/// A scope that cannot be.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum NotAScope {
    /// The tenant id is not lowercase letters, digits, `_` and `-`, or is reserved.
    #[error("`{0}` is not a tenant: lowercase letters, digits, `_` and `-`, not `platform`")]
    Tenant(String),
    /// The user id does not start with `user_` or holds another character.
    #[error("`{0}` is not a user: `user_`, then lowercase letters, digits, `_` and `-`")]
    User(String),
}

fn is_part(text: &str) -> bool {
    let fits = |b: u8| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-');
    text.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit())
        && text.len() <= 63
        && text.bytes().all(fits)
}

impl Scope {
    /// One tenant's scope.
    ///
    /// # Errors
    /// When `tenant` cannot be a folder name of the artifact tree (workflow §9.1).
    pub fn tenant(tenant: impl Into<String>) -> Result<Self, NotAScope> {
        let tenant = tenant.into();
        if is_part(&tenant) && tenant != "platform" {
            Ok(Self::Tenant(tenant))
        } else {
            Err(NotAScope::Tenant(tenant))
        }
    }

    /// One user's scope.
    ///
    /// # Errors
    /// When `tenant` or `user` cannot be a folder name, or `user` lacks its prefix.
    pub fn user(tenant: impl Into<String>, user: impl Into<String>) -> Result<Self, NotAScope> {
        let Self::Tenant(tenant) = Self::tenant(tenant)? else { return Ok(Self::Platform) };
        let user = user.into();
        if is_part(&user) && user.starts_with("user_") {
            Ok(Self::User(tenant, user))
        } else {
            Err(NotAScope::User(user))
        }
    }

    /// The registry's key: `platform`, `tenant:T` or `user:T/U`.
    pub fn key(&self) -> String {
        match self {
            Self::Platform => "platform".to_owned(),
            Self::Tenant(tenant) => format!("tenant:{tenant}"),
            Self::User(tenant, user) => format!("user:{tenant}/{user}"),
        }
    }

    /// The folder in the artifact tree: `platform`, `T` or `T/U`.
    pub fn folder(&self) -> String {
        match self {
            Self::Platform => "platform".to_owned(),
            Self::Tenant(tenant) => tenant.clone(),
            Self::User(tenant, user) => format!("{tenant}/{user}"),
        }
    }

    /// The tenant, if there is one.
    pub fn tenant_id(&self) -> Option<&str> {
        match self {
            Self::Platform => None,
            Self::Tenant(tenant) | Self::User(tenant, _) => Some(tenant),
        }
    }

    /// The user, if there is one.
    pub fn user_id(&self) -> Option<&str> {
        match self {
            Self::User(_, user) => Some(user),
            Self::Platform | Self::Tenant(_) => None,
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.key())
    }
}

/// A place in production: exactly one model may serve it.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
pub struct Slot {
    /// Whose place it is.
    pub scope: Scope,
    /// The model's name, without version.
    pub model: Name,
    /// What it predicts.
    pub symbol: Symbol,
    /// On which bars.
    pub timeframe: Timeframe,
}

impl fmt::Display for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{} {} {}", self.scope.folder(), self.model, self.symbol, self.timeframe)
    }
}
