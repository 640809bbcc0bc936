//! Secrets: read where they are kept, given to the one step that names them, and struck out of all
//! that it says.

use super::redact::Redactor;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use suho_step::exec::{How, Keep, Variable};
use suho_step::{Exec, StepError};

/// What stands in an attempt's environment or headers, its secrets read.
pub(super) struct Secrets {
    given: BTreeMap<String, String>,
    kept: Vec<String>,
}

impl Secrets {
    /// Reads what `exec` names: from this process's environment, to which the executor gave what is
    /// named and nothing else, and from files of the project.
    pub(super) fn read(exec: &Exec, project: &Path) -> Result<Self, StepError> {
        let (How::Shell { env: named, .. } | How::Http { headers: named, .. }) = &exec.how;
        let mut secrets = Self { given: BTreeMap::new(), kept: Vec::new() };
        for (name, variable) in named {
            let value = match variable {
                Variable::Text(text) => text.clone(),
                Variable::Secret(keep) => {
                    let secret = read(keep, project)?;
                    secrets.kept.push(secret.clone());
                    secret
                }
            };
            secrets.given.insert(name.clone(), value);
        }
        Ok(secrets)
    }

    /// Every name with its value.
    pub(super) const fn given(&self) -> &BTreeMap<String, String> {
        &self.given
    }

    /// What strikes them out.
    pub(super) fn redactor(&self) -> Redactor {
        Redactor::of(self.kept.iter().map(String::as_str))
    }

    /// Whether `text` gives one away.
    pub(super) fn are_in(&self, text: &str) -> bool {
        self.redactor().whole(text) != text
    }

    /// `error` without them.
    pub(super) fn redacted(&self, error: StepError) -> StepError {
        let redactor = self.redactor();
        let whole = |text: String| redactor.whole(&text);
        StepError {
            message: whole(error.message),
            help: error.help.map(whole),
            cause: error.cause.map(whole),
            ..error
        }
    }
}

fn read(keep: &Keep, project: &Path) -> Result<String, StepError> {
    let missing = |message: String| StepError::user("secret-missing", message);
    match keep {
        Keep::Env(name) => {
            #[expect(clippy::disallowed_methods, reason = "a secret is read where it is used")]
            let value = std::env::var(name);
            value.map_err(|_| {
                missing(format!("the secret `{name}` is not in the engine's environment"))
                    .help(format!("set the variable `{name}` where suho is started"))
            })
        }
        Keep::File(path) => {
            let file = project.join(path);
            let text = fs::read_to_string(&file).map_err(|error| {
                missing(format!("the secret in `{}` cannot be read", file.display()))
                    .because(&error)
            })?;
            Ok(text.strip_suffix('\n').unwrap_or(&text).to_owned())
        }
    }
}
