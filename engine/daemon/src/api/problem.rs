//! An answer that is a refusal: RFC 9457, `application/problem+json`.

use super::BODY_BYTES_MAX;
use crate::desk::DeskError;
use axum::Json;
use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;
use suho_domain::{Fault, fault};
use suho_driver::ports::StoreError;
use suho_driver::{AnswerError, EngineError};

/// Why a request was not met.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Problem {
    status: StatusCode,
    /// Kebab-case.
    code: String,
    /// One sentence.
    detail: String,
    /// What to do.
    help: Option<String>,
}

impl Problem {
    pub(super) fn new(status: StatusCode, code: &str, detail: impl Into<String>) -> Self {
        Self { status, code: code.to_owned(), detail: detail.into(), help: None }
    }

    /// A body that cannot be taken; `why` in the words of whoever read it.
    pub(super) fn bad_body(status: StatusCode, why: String) -> Self {
        if status == StatusCode::PAYLOAD_TOO_LARGE {
            let detail = format!("a body holds {BODY_BYTES_MAX} bytes at most");
            return Self::new(status, "bad-body", detail);
        }
        Self::new(status, "bad-body", why)
    }

    pub(super) fn not_found(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not-found", detail)
    }

    pub(super) fn bad(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "bad-request", detail)
    }

    pub(super) fn bug(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "bug", detail)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = json!({
            "type": format!("urn:suho:problem:{}", self.code),
            "title": self.status.canonical_reason().unwrap_or("refused"),
            "status": self.status.as_u16(),
            "code": self.code,
            "detail": self.detail,
            "help": self.help,
        });
        let mut response = (self.status, Json(body)).into_response();
        let kind = HeaderValue::from_static("application/problem+json");
        response.headers_mut().insert(header::CONTENT_TYPE, kind);
        response
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        let (status, code) = match &error {
            StoreError::Missing(_) => (StatusCode::NOT_FOUND, "not-found"),
            StoreError::Conflict { .. } => (StatusCode::CONFLICT, "conflict"),
            StoreError::Frozen { .. } => (StatusCode::CONFLICT, "frozen"),
            // Whoever asks again under the same key hears what was written.
            StoreError::Unknown { .. } => (StatusCode::SERVICE_UNAVAILABLE, "unknown"),
            // Another daemon leads; whoever asks again is answered by it.
            StoreError::Fenced { .. } => (StatusCode::SERVICE_UNAVAILABLE, "not-leading"),
            StoreError::Refused { .. }
            | StoreError::Locked { .. }
            | StoreError::Tampered { .. }
            | StoreError::Newer { .. } => (StatusCode::SERVICE_UNAVAILABLE, "store-refused"),
        };
        Self::new(status, code, fault::chain(&error))
    }
}

impl From<DeskError> for Problem {
    fn from(error: DeskError) -> Self {
        match error {
            DeskError::Refused(refusal) => {
                let status = match refusal.fault {
                    Fault::User => StatusCode::UNPROCESSABLE_ENTITY,
                    Fault::World => StatusCode::SERVICE_UNAVAILABLE,
                    Fault::Bug => StatusCode::INTERNAL_SERVER_ERROR,
                };
                let problem = Self::new(status, &refusal.code, refusal.message);
                Self { help: refusal.help, ..problem }
            }
            DeskError::Store(error)
            | DeskError::Engine(EngineError::Store(error))
            | DeskError::Answer(AnswerError::Engine(EngineError::Store(error))) => error.into(),
            DeskError::Engine(error @ EngineError::NotAgain { .. }) => {
                Self::new(StatusCode::CONFLICT, "not-again", error.to_string())
            }
            DeskError::Engine(EngineError::Illegal(error)) => {
                Self::new(StatusCode::CONFLICT, "not-now", error.to_string())
            }
            DeskError::Answer(error) if error.fault() == Fault::User => {
                let problem = Self::new(StatusCode::CONFLICT, error.code(), error.to_string());
                Self {
                    help: Some("`GET /v1/approvals` lists what is asked, and of whom".to_owned()),
                    ..problem
                }
            }
            DeskError::Answer(error) => Self::bug(fault::chain(&error)),
            DeskError::Engine(error) => Self::bug(fault::chain(&error)),
        }
    }
}

impl From<JsonRejection> for Problem {
    fn from(rejection: JsonRejection) -> Self {
        Self::bad_body(rejection.status(), rejection.body_text())
    }
}

impl From<QueryRejection> for Problem {
    fn from(rejection: QueryRejection) -> Self {
        Self::new(rejection.status(), "bad-query", rejection.body_text())
    }
}
