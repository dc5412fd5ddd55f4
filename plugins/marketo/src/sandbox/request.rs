//! A call as the API understands it: what `_method` says, and parameters wherever they are.

use bytes::Bytes;
use http::Method;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::request::Parts;
use serde::Deserialize;

use super::leads::LeadId;
use super::reply::Failure;

/// Parameters of the query and, in a form, of the body.
pub(super) struct Parameters(Vec<(String, String)>);

impl Parameters {
    fn of(parts: &Parts, body: &[u8]) -> Self {
        let query = parts.uri.query().unwrap_or_default();
        let mut pairs: Vec<_> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        if content_type(parts) == FORM {
            pairs.extend(form_urlencoded::parse(body).into_owned());
        }
        Self(pairs)
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// A parameter that must be there.
    pub(super) fn require(&self, name: &str) -> Result<&str, Failure> {
        self.get(name).filter(|value| !value.is_empty()).ok_or_else(|| Failure::missing(name))
    }

    /// All values of a parameter, which may come as a list with commas, as several
    /// parameters, or both. There is no way to quote a comma.
    pub(super) fn list(&self, name: &str) -> Vec<&str> {
        self.0
            .iter()
            .filter(|(key, _)| key == name)
            .flat_map(|(_, values)| values.split(','))
            .map(str::trim)
            .filter(|value| !value.is_empty())
            .collect()
    }

    /// How many records a page shall have: 300 unless fewer are asked for.
    pub(super) fn batch_size(&self) -> Result<usize, Failure> {
        let Some(text) = self.get("batchSize") else {
            return Ok(MAX_BATCH);
        };
        match text.parse() {
            Ok(size) if (1..=MAX_BATCH).contains(&size) => Ok(size),
            Ok(_) => Err(Failure::new("1003", "batchSize must be between 1 and 300")),
            Err(_) => Err(Failure::invalid(text, "Integer")),
        }
    }
}

/// Leads, members and lists: 300 in one call or on one page (documented).
pub(super) const MAX_BATCH: usize = 300;

const FORM: &str = "application/x-www-form-urlencoded";
const JSON: &str = "application/json";

/// The media type, without parameters such as the charset.
fn content_type(parts: &Parts) -> &str {
    parts
        .headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .unwrap_or_default()
        .trim()
}

/// The method meant: a POST may name another one in `_method`, in its query or in its
/// form, so that a long read fits into a body (documented, recorded).
pub(super) fn method(parts: &Parts, body: &[u8]) -> Method {
    if parts.method != Method::POST {
        return parts.method.clone();
    }
    Parameters::of(parts, body)
        .get("_method")
        .and_then(|name| Method::from_bytes(name.to_ascii_uppercase().as_bytes()).ok())
        .unwrap_or(Method::POST)
}

/// The access token of a call. It used to be taken from the query too; that way has been
/// closed (announced for August 2026).
pub(super) fn bearer(parts: &Parts) -> Option<&str> {
    let value = parts.headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// What a handler needs of a call.
pub(super) struct Call {
    pub(super) parameters: Parameters,
    /// The id in the path, 0 where there is none.
    pub(super) id: u32,
    /// Leads from this id on were not there yet when the call arrived.
    pub(super) seen_up_to: LeadId,
    content_type: String,
    body: Bytes,
}

impl Call {
    pub(super) fn new(parts: &Parts, body: Bytes, id: u32) -> Self {
        Self {
            parameters: Parameters::of(parts, &body),
            id,
            seen_up_to: parts.extensions.get().map_or(LeadId::MAX, |SeenUpTo(id)| *id),
            content_type: content_type(parts).to_owned(),
            body,
        }
    }

    pub(super) fn has_body(&self) -> bool {
        !self.body.is_empty()
    }

    pub(super) fn is_form(&self) -> bool {
        self.content_type == FORM
    }

    /// The body, which must be JSON and say so.
    pub(super) fn json<'a, T: Deserialize<'a>>(&'a self) -> Result<T, Failure> {
        if self.content_type != JSON {
            return Err(Failure::new("612", "Invalid Content Type"));
        }
        serde_json::from_slice(&self.body).map_err(|_| Failure::new("609", "Invalid JSON"))
    }
}

/// Left in a request's extensions when it arrives.
#[derive(Clone, Copy)]
pub(super) struct SeenUpTo(pub(super) LeadId);
