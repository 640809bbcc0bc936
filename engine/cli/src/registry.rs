//! Where an environment keeps its state: in the project's folder, or in the database that its
//! `registry` names. The folder of such an environment names the variable that holds the URL, so
//! that whoever looks later need not read the program.

use crate::failure::Failure;
use crate::keeping;
use crate::project::Project;
use crate::refusal;
use std::path::{Path, PathBuf};
use suho_check::Program;
use suho_check::program::Expr;
use suho_domain::Value;
use suho_store::address;

/// The state folder of `environment`, as `program` declares it.
pub(crate) fn settle(
    project: &Project,
    program: &Program,
    environment: &str,
) -> Result<PathBuf, Failure> {
    let own = project.own_state(environment);
    let variable = variable(program, environment)?;
    if variable.is_some() || own.exists() {
        settle_in(&own, variable.as_deref())?;
    }
    keeping::settle(project, program, environment)?;
    Ok(project.state(environment))
}

/// Makes `folder` the state folder of `environment`, as `program` declares it.
pub(crate) fn settle_folder(
    folder: &Path,
    project: &Project,
    program: &Program,
    environment: &str,
) -> Result<(), Failure> {
    settle_in(folder, variable(program, environment)?.as_deref())?;
    let kept_in = keeping::declared(project, program, environment);
    keeping::settle_in(folder, kept_in.as_deref(), environment)
}

fn settle_in(folder: &Path, variable: Option<&str>) -> Result<(), Failure> {
    address::settle(folder, variable).map_err(|error| refusal::failure(&error))
}

/// The variable that holds the URL of the environment's database; nothing where its state is a file.
fn variable(program: &Program, environment: &str) -> Result<Option<String>, Failure> {
    let settings = program.environments.iter().find(|(name, _)| name.as_str() == environment);
    let Some(registry) = settings.and_then(|(_, settings)| settings.get("registry")) else {
        return Ok(None);
    };
    let Some(url) = url(registry) else { return Ok(None) };
    let variable = match url {
        Value::Variant(source) if source.name == "env" => {
            source.fields.get("name").and_then(Value::as_text).map(str::to_owned)
        }
        _ => None,
    };
    variable.map(Some).ok_or_else(|| {
        let message = format!("the registry of `{environment}` has its URL from no variable");
        Failure::user("registry-url", message)
            .help("declare it as `secret database_url: Url = env(\"SUHO_DATABASE_URL\")`")
    })
}

/// The URL of `postgres(url: …)`, `none` where it is not known; nothing of any other registry.
fn url(registry: &Expr) -> Option<Value> {
    match registry {
        Expr::Variant(kind, fields) if kind == "postgres" => Some(match fields.get("url") {
            Some(Expr::Value(url)) => url.clone(),
            _ => Value::None,
        }),
        Expr::Value(Value::Variant(kind)) if kind.name == "postgres" => {
            Some(kind.fields.get("url").cloned().unwrap_or(Value::None))
        }
        _ => None,
    }
}
