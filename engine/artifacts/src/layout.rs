//! Which folder holds what (domain §14).

use crate::{ArtifactPath, NotAPath};
use suho_domain::{Digest, Fault, Name, NotAScope, Scope, Version};

/// Why there is no folder for something.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum NotAFolder {
    /// The scope cannot be a part of a path, or would be another's.
    #[error("there is no folder for scope `{scope}`")]
    Scope {
        /// The scope's key.
        scope: String,
        /// What is wrong with it.
        #[source]
        source: NotAScope,
    },
    /// The model's name cannot be a folder beside users' and tenants'.
    #[error(
        "model `{0}` cannot have a folder: its name is not lowercase words with single `_` between, or begins with `user_` or `tenant_`"
    )]
    Model(String),
    /// The folder's path would be too long.
    #[error(transparent)]
    Path(#[from] NotAPath),
}

impl NotAFolder {
    /// Who has to act: whoever chose the name.
    pub const fn fault(&self) -> Fault {
        Fault::User
    }
}

/// The folder of one version of a model: `SCOPE/MODEL/vX.Y.Z`.
///
/// # Errors
/// When the scope or the name could fall together with another's folder.
pub fn model_folder(
    scope: &Scope,
    model: &Name,
    version: Version,
) -> Result<ArtifactPath, NotAFolder> {
    let scope = sound(scope)?;
    let is_word = |word: &str| {
        !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
    };
    let text = model.as_str();
    let is_reserved = text.starts_with("user_") || text.starts_with("tenant_");
    let begins = text.starts_with(|c: char| c.is_ascii_lowercase());
    if is_reserved || !begins || !text.split('_').all(is_word) {
        return Err(NotAFolder::Model(text.to_owned()));
    }
    Ok(ArtifactPath::new(format!("{}/{model}/{version}", scope.folder()))?)
}

/// The folder of what a query answered for `scope`, named by what was asked and as of when:
/// `_sources/SCOPE/DIGITS`.
///
/// # Errors
/// When the scope could fall together with another's.
pub fn source_folder(scope: &Scope, digest: &Digest) -> Result<ArtifactPath, NotAFolder> {
    let scope = sound(scope)?.key().replace([':', '/'], ".");
    Ok(ArtifactPath::new(format!("_sources/{scope}/{}", digest.hex()))?)
}

/// The folder of a data set of `scope`, named by its content: `_datasets/SCOPE/DIGITS`.
///
/// # Errors
/// When the scope could fall together with another's.
pub fn dataset_folder(scope: &Scope, digest: &Digest) -> Result<ArtifactPath, NotAFolder> {
    // No tenant or user has a dot in its name, so two scopes never share a folder.
    let scope = sound(scope)?.key().replace([':', '/'], ".");
    Ok(ArtifactPath::new(format!("_datasets/{scope}/{}", digest.hex()))?)
}

/// `scope`, after another look: one that was read from a file has not passed its constructor.
fn sound(scope: &Scope) -> Result<Scope, NotAFolder> {
    let sound = match scope {
        Scope::Platform => Ok(Scope::Platform),
        Scope::Tenant(tenant) => Scope::tenant(tenant.as_str()),
        Scope::User(tenant, user) => Scope::user(tenant.as_str(), user.as_str()),
    };
    sound.map_err(|source| NotAFolder::Scope { scope: scope.key(), source })
}

#[cfg(test)]
mod tests;
