//! One call, taken apart for the handlers.

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HOST};
use http::request::Parts;
use http::{HeaderMap, StatusCode};
use serde_json::{Map, Value};

use super::query::Query;
use super::reply::Refused;

/// A call that a route has been found for.
pub(super) struct Call {
    /// What the route's placeholders stand for, decoded.
    pub(super) params: Vec<String>,
    pub(super) query: Query,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

impl Call {
    pub(super) fn new(parts: &Parts, params: Vec<String>, body: Bytes) -> Self {
        Self {
            params,
            query: Query::parse(parts.uri.query().unwrap_or_default()),
            headers: parts.headers.clone(),
            body,
        }
    }

    /// The first placeholder of the path.
    pub(super) fn param(&self) -> &str {
        self.params.first().map_or("", String::as_str)
    }

    /// The id in the path.
    pub(super) fn id(&self) -> Result<u64, Refused> {
        self.param().parse().map_err(|_| {
            Refused::v2(
                StatusCode::BAD_REQUEST,
                "ERR_SCHEMA_VALIDATION_FAILED",
                "Validation failed: id: Parameter 'id' expected type 'integer'",
            )
        })
    }

    /// The body as JSON; v2 takes nothing else.
    pub(super) fn json(&self) -> Result<Value, Refused> {
        if !self.has_type("application/json") {
            return Err(Refused::v2(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "ERR_UNSUPPORTED_MEDIA_TYPE",
                "Unsupported Media Type: the body must be JSON",
            ));
        }
        serde_json::from_slice(&self.body)
            .map_err(|_| Refused::v2(StatusCode::BAD_REQUEST, "ERR_INVALID_JSON", "Invalid JSON in the body"))
    }

    /// The body as a JSON object.
    pub(super) fn object(&self) -> Result<Map<String, Value>, Refused> {
        match self.json()? {
            Value::Object(object) => Ok(object),
            _ => Err(wrong_body("object")),
        }
    }

    /// The body as a JSON array that is not empty.
    pub(super) fn array(&self) -> Result<Vec<Value>, Refused> {
        match self.json()? {
            Value::Array(items) if !items.is_empty() => Ok(items),
            _ => Err(wrong_body("non-empty array")),
        }
    }

    /// The body as a form; empty when it is none.
    pub(super) fn form(&self) -> Option<Query> {
        let text = std::str::from_utf8(&self.body).ok()?;
        self.has_type("application/x-www-form-urlencoded").then(|| Query::parse(text))
    }

    /// The host the caller used, as a URL: a sandbox that is served is at plain http on
    /// this machine; one in the process stands for a host of https.
    pub(super) fn origin(&self) -> Option<String> {
        let host = self.headers.get(HOST)?.to_str().ok()?;
        let is_here = ["localhost", "127.", "[::1]"].iter().any(|here| host.starts_with(here));
        let scheme = if is_here { "http" } else { "https" };
        Some(format!("{scheme}://{host}"))
    }

    fn has_type(&self, expected: &str) -> bool {
        let given = self.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let essence = given.split(';').next().unwrap_or_default().trim();
        essence.eq_ignore_ascii_case(expected)
    }
}

fn wrong_body(expected: &str) -> Refused {
    Refused::v2(
        StatusCode::BAD_REQUEST,
        "ERR_SCHEMA_VALIDATION_FAILED",
        format!("Validation failed: body: expected type '{expected}'"),
    )
}
