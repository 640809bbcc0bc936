//! What people hold and decide. Whoever answers for others says who they are and why: an approval
//! without a name is none.

use super::apart;
use super::problem::Problem;
use super::runs::row;
use crate::desk::Desk;
use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;
use serde_json::{Value as Shape, json};
use std::sync::Arc;
use suho_domain::Name;
use suho_scheduler::Hold;

/// Who wants it, and why.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Said {
    pub(super) by: String,
    pub(super) why: String,
    /// Which question, where a run asks several.
    #[serde(default)]
    step: Option<String>,
}

impl Said {
    /// What was said, once it is something.
    pub(super) fn of(body: Result<Json<Self>, JsonRejection>) -> Result<Self, Problem> {
        let Json(said) = body?;
        Ok(Self { step: said.step, ..Self::new(&said.by, said.why)? })
    }

    /// The same of a body that says more.
    pub(super) fn new(by: &str, why: String) -> Result<Self, Problem> {
        if by.trim().is_empty() || why.trim().is_empty() {
            return Err(Problem::bad("`by` says who wants it, and `why` says why"));
        }
        Ok(Self { by: by.trim().to_owned(), why, step: None })
    }
}

type Body = Result<Json<Said>, JsonRejection>;

/// Holds a run, or lets it go on: what `kind` says.
pub(super) async fn hold(
    kind: &'static str,
    State(desk): State<Arc<Desk>>,
    Path(run): Path<String>,
    body: Body,
) -> Result<Response, Problem> {
    let said = Said::of(body)?;
    apart(move || {
        let run = desk.store.find_run(&run)?;
        let is_asked = desk.hold(&run, kind, &said.by, &said.why)?;
        let status = if is_asked { StatusCode::ACCEPTED } else { StatusCode::OK };
        Ok((status, Json(json!({ "version": 1, "run": row(&run) }))).into_response())
    })
    .await
}

/// Answers what a run asks: `kind` is yes or no.
pub(super) async fn answer(
    kind: &'static str,
    State(desk): State<Arc<Desk>>,
    Path(run): Path<String>,
    body: Body,
) -> Result<Response, Problem> {
    let said = Said::of(body)?;
    apart(move || {
        let run = desk.store.find_run(&run)?;
        let step = said.step.map(Name::new).transpose();
        let step = step.map_err(|error| Problem::bad(error.to_string()))?;
        let step = desk.answer(&run, kind, step.as_ref(), &said.by, &said.why)?;
        let body = json!({ "version": 1, "run": row(&run), "step": step, "answer": kind });
        Ok((StatusCode::ACCEPTED, Json(body)).into_response())
    })
    .await
}

/// Lists what runs ask of people.
pub(super) async fn approvals(State(desk): State<Arc<Desk>>) -> Result<Json<Shape>, Problem> {
    apart(move || {
        let questions = desk.questions()?;
        let each = questions.iter().map(|question| {
            json!({
                "run": question.run.id,
                "pipeline": question.run.pipeline,
                "number": question.run.number,
                "begun_by": question.run.created_by,
                "step": question.step,
                "of": question.asked.of,
                "since": question.asked.since,
                "until": question.asked.until,
            })
        });
        Ok(Json(json!({ "version": 1, "approvals": each.collect::<Vec<_>>() })))
    })
    .await
}

/// Whether the line is stopped.
pub(super) async fn line(State(desk): State<Arc<Desk>>) -> Result<Json<Shape>, Problem> {
    apart(move || {
        let hold = desk.store.frozen(&desk.environment)?;
        Ok(Json(standing(&desk, hold.as_ref())))
    })
    .await
}

/// Stops the line.
pub(super) async fn freeze(
    State(desk): State<Arc<Desk>>,
    body: Body,
) -> Result<Json<Shape>, Problem> {
    let said = Said::of(body)?;
    apart(move || {
        desk.freeze(&said.by, &said.why)?;
        let hold = desk.store.frozen(&desk.environment)?;
        Ok(Json(standing(&desk, hold.as_ref())))
    })
    .await
}

/// Lets the line go on.
pub(super) async fn thaw(
    State(desk): State<Arc<Desk>>,
    body: Body,
) -> Result<Json<Shape>, Problem> {
    let said = Said::of(body)?;
    apart(move || {
        desk.thaw(&said.by, &said.why)?;
        Ok(Json(standing(&desk, None)))
    })
    .await
}

fn standing(desk: &Desk, hold: Option<&Hold>) -> Shape {
    let hold = hold.map(|hold| json!({ "by": hold.by, "why": hold.why, "since": hold.since }));
    json!({ "version": 1, "environment": desk.environment, "frozen": hold })
}
