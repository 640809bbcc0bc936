//! How a request of object_store's goes over the wire, and what of the answer is an error.
//!
//! Whatever is no answer that object_store asks for by itself is told here, where the bucket, the
//! store and the key are known: it only passes on.

use super::error::BucketError;
use crate::access::{Access, Patience};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Collected};
use object_store::ClientOptions;
use object_store::client::{
    HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpResponse, HttpService,
};
use std::io::{self, Read as _};
use std::pin::Pin;
use std::sync::Arc;
use ureq::Agent;
use ureq::http::{Response, StatusCode};

/// The most that is read of an answer.
const BYTES_MAX: u64 = 8 << 30;

/// The way to one bucket.
#[derive(Clone, Debug)]
pub(super) struct Wire {
    url: String,
    /// The store, as sentences name it.
    at: String,
    region: String,
    key: String,
    patience: Patience,
    agent: Agent,
}

impl Wire {
    pub(super) fn of(url: &str, access: &Access) -> Self {
        let agent: Agent = Agent::config_builder()
            .http_status_as_error(false)
            .timeout_connect(Some(access.patience.connect))
            .timeout_global(Some(access.patience.answer))
            // Nothing but the environment's own words for it decides where data come from.
            .proxy(None)
            .max_redirects(0)
            .build()
            .into();
        Self {
            url: url.to_owned(),
            at: access.endpoint.as_ref().map_or_else(|| "Amazon S3".into(), |at| format!("`{at}`")),
            region: access.region.clone(),
            key: access.key.as_ref().map(|key| key.id.clone()).unwrap_or_default(),
            patience: access.patience,
            agent,
        }
    }

    async fn carry(&self, request: HttpRequest) -> Result<HttpResponse, BucketError> {
        let (parts, body) = request.into_parts();
        let body = body.collect().await;
        // Its bytes are in memory: there is nothing that could fail.
        let body = body.map(Collected::to_bytes).unwrap_or_default();
        let request = ureq::http::Request::from_parts(parts, ());
        let answer = if body.is_empty() && !is_put(request.method()) {
            self.agent.run(request)
        } else {
            self.agent.run(request.map(|()| body.to_vec()))
        };
        let answer = answer.map_err(|error| self.failed(error))?;
        let (parts, mut body) = answer.into_parts();
        let body = self.whole(&mut body)?;
        self.judge(&parts, &body)?;
        Ok(Response::from_parts(parts, body.into()))
    }

    fn whole(&self, body: &mut ureq::Body) -> Result<Bytes, BucketError> {
        let mut bytes = Vec::new();
        let mut reader = body.with_config().limit(BYTES_MAX).reader();
        match reader.read_to_end(&mut bytes) {
            Ok(_) => Ok(bytes.into()),
            Err(error) if is_cut(&error) => Err(self.broken_off(bytes.len())),
            Err(error) => Err(self.failed(ureq::Error::from(error))),
        }
    }

    /// Lets through what object_store has a use for.
    fn judge(&self, parts: &ureq::http::response::Parts, body: &[u8]) -> Result<(), BucketError> {
        let (code, message) = (tag(body, "Code"), tag(body, "Message"));
        let url = self.url.clone();
        let message =
            message.or_else(|| code.clone()).unwrap_or_else(|| "it does not say why".into());
        let there = parts.headers.get("x-amz-bucket-region").and_then(|there| there.to_str().ok());
        match (parts.status, code.as_deref(), there) {
            (StatusCode::NOT_FOUND, Some("NoSuchBucket"), _) => {
                Err(BucketError::NoBucket { url, at: self.at.clone() })
            }
            (status, _, _) if is_of_use(status) => Ok(()),
            (status, _, Some(there)) if !status.is_success() && there != self.region => {
                Err(BucketError::Region { url, there: there.into(), asked: self.region.clone() })
            }
            (StatusCode::FORBIDDEN | StatusCode::UNAUTHORIZED, _, _) => {
                Err(BucketError::Denied { url, key: self.key.clone(), message })
            }
            (status, _, _) => Err(BucketError::Refused {
                url,
                at: self.at.clone(),
                status: status.as_u16(),
                message,
            }),
        }
    }

    fn failed(&self, error: ureq::Error) -> BucketError {
        let (url, at) = (self.url.clone(), self.at.clone());
        match error {
            ureq::Error::Timeout(ureq::Timeout::Connect | ureq::Timeout::Resolve) => {
                BucketError::Slow { url, at, patience: self.patience.connect }
            }
            ureq::Error::Timeout(_) => {
                BucketError::Slow { url, at, patience: self.patience.answer }
            }
            ureq::Error::BodyExceedsLimit(bytes_max) => BucketError::TooLarge { url, bytes_max },
            ureq::Error::Protocol(_) => BucketError::Odd { url, source: Arc::new(error) },
            ureq::Error::Io(error) if is_cut(&error) => self.broken_off(0),
            error => BucketError::Unreachable { url, at, source: Arc::new(error) },
        }
    }

    fn broken_off(&self, bytes: usize) -> BucketError {
        BucketError::BrokenOff { url: self.url.clone(), at: self.at.clone(), bytes }
    }
}

/// A put has a body, also when it is empty.
fn is_put(method: &ureq::http::Method) -> bool {
    matches!(method.as_str(), "PUT" | "POST")
}

/// What went well, what is not there, and what was there before.
fn is_of_use(status: StatusCode) -> bool {
    status.is_success()
        || matches!(
            status,
            StatusCode::NOT_FOUND
                | StatusCode::CONFLICT
                | StatusCode::PRECONDITION_FAILED
                | StatusCode::NOT_MODIFIED
        )
}

fn is_cut(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::UnexpectedEof
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::BrokenPipe
            | io::ErrorKind::InvalidData
    )
}

/// What stands in the first element `name` of a short answer.
fn tag(body: &[u8], name: &str) -> Option<String> {
    /// Long enough to say what is wrong, short enough for a line.
    const CHARS_MAX: usize = 300;
    /// Errors stand at the beginning.
    const HEAD: usize = 64 << 10;
    let text = String::from_utf8_lossy(body.get(..body.len().min(HEAD))?);
    let (_, rest) = text.split_once(&format!("<{name}>"))?;
    let (text, _) = rest.split_once(&format!("</{name}>"))?;
    Some(text.chars().filter(|letter| !letter.is_control()).take(CHARS_MAX).collect())
}

/// Whether it is worth asking again, as object_store understands it.
fn kind(error: &BucketError) -> HttpErrorKind {
    match error {
        BucketError::Unreachable { .. } => HttpErrorKind::Connect,
        BucketError::Slow { .. } => HttpErrorKind::Timeout,
        BucketError::BrokenOff { .. } => HttpErrorKind::Interrupted,
        // It was read and not done.
        BucketError::Refused { status, .. } if *status >= 500 || *status == 429 => {
            HttpErrorKind::Request
        }
        _ => HttpErrorKind::Unknown,
    }
}

impl HttpService for Wire {
    fn call<'a, 'b>(
        &'a self,
        request: HttpRequest,
    ) -> Pin<Box<dyn Future<Output = Result<HttpResponse, HttpError>> + Send + 'b>>
    where
        'a: 'b,
        Self: 'b,
    {
        Box::pin(async move {
            self.carry(request).await.map_err(|error| HttpError::new(kind(&error), error))
        })
    }
}

impl HttpConnector for Wire {
    fn connect(&self, _: &ClientOptions) -> object_store::Result<HttpClient> {
        Ok(HttpClient::new(self.clone()))
    }
}
