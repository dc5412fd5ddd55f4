//! When two requests are the same.

use http::{HeaderName, header};
use serde_json::Value as Json;
use serde_json_path::{JsonPath, NormalizedPath, PathElement};

use crate::body::{Body, Part};
use crate::error::CassetteError;
use crate::exchange::Asked;
use crate::redaction::read_json_paths;

/// What a replay does not look at. Without any of it, a request is answered only when
/// all of these are as recorded: method, scheme, host, path, query (in any order), body
/// (JSON, forms and multipart by what they say, not by how they are written) and, in
/// cassettes that this crate recorded, the headers that the plugin sets.
///
/// ```
/// use outflow_testkit::Matching;
///
/// let matching = Matching::strict()
///     .ignore_header("x-request-id")
///     .ignore_query_key("since")
///     .ignore_json_path("$.input[*].updatedAt");
/// # let _ = matching;
/// ```
#[derive(Clone, Debug, Default)]
pub struct Matching {
    headers: Vec<String>,
    query_keys: Vec<String>,
    json_paths: Vec<String>,
    host: bool,
}

/// A [`Matching`] whose rules have been read.
#[derive(Debug)]
pub(crate) struct Loosened {
    headers: Vec<String>,
    query_keys: Vec<String>,
    json_paths: Vec<(String, JsonPath)>,
    host: bool,
}

impl Matching {
    /// Looks at everything.
    #[must_use]
    pub fn strict() -> Self {
        Self::default()
    }

    /// Does not look at a header.
    #[must_use]
    pub fn ignore_header(mut self, name: &str) -> Self {
        self.headers.push(name.to_ascii_lowercase());
        self
    }

    /// Does not look at a query parameter, nor whether it is there.
    #[must_use]
    pub fn ignore_query_key(mut self, name: &str) -> Self {
        self.query_keys.push(name.to_owned());
        self
    }

    /// Does not look at what a JSON path (RFC 9535) selects in a request's body, nor
    /// whether it is there.
    #[must_use]
    pub fn ignore_json_path(mut self, path: &str) -> Self {
        self.json_paths.push(path.to_owned());
        self
    }

    /// Does not look at scheme, host and port.
    #[must_use]
    pub fn ignore_host(mut self) -> Self {
        self.host = true;
        self
    }

    pub(crate) fn loosened(&self) -> Result<Loosened, CassetteError> {
        Ok(Loosened {
            headers: self.headers.clone(),
            query_keys: self.query_keys.clone(),
            json_paths: read_json_paths(&self.json_paths)?,
            host: self.host,
        })
    }
}

/// What is compared of a request.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Comparable {
    pub(crate) method: String,
    /// Scheme, host and port; empty when they are not looked at.
    pub(crate) origin: String,
    pub(crate) path: String,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Body,
}

/// What a client, a proxy or a connection adds on its own, and what the body's
/// comparison covers already: a multipart boundary is another each time.
const NOT_THE_PLUGINS: [HeaderName; 7] = [
    header::ACCEPT_ENCODING,
    header::CONNECTION,
    header::CONTENT_LENGTH,
    header::CONTENT_TYPE,
    header::HOST,
    header::TRANSFER_ENCODING,
    header::USER_AGENT,
];

impl Loosened {
    /// What is compared of a redacted request.
    pub(crate) fn comparable(&self, asked: &Asked, with_headers: bool) -> Comparable {
        let origin = if self.host { String::new() } else { asked.url.origin().ascii_serialization() };
        let mut query: Vec<(String, String)> = asked.url.query_pairs().into_owned().collect();
        query.retain(|(name, _)| !self.query_keys.contains(name));
        query.sort();
        let mut body = Body::read(asked.content_type(), &asked.body);
        for (_, path) in &self.json_paths {
            forget(&mut body, path);
        }
        Comparable {
            method: asked.method.clone(),
            origin,
            path: asked.url.path().to_owned(),
            query,
            headers: if with_headers { self.headers(asked) } else { Vec::new() },
            body,
        }
    }

    fn headers(&self, asked: &Asked) -> Vec<(String, String)> {
        let looked_at = asked.headers.iter().filter(|header| {
            let own = NOT_THE_PLUGINS.iter().any(|name| header.is(name));
            !own && !self.headers.contains(&header.name.to_ascii_lowercase())
        });
        let mut headers: Vec<(String, String)> =
            looked_at.map(|header| (header.name.to_ascii_lowercase(), header.value.clone())).collect();
        headers.sort();
        headers
    }
}

fn forget(body: &mut Body, path: &JsonPath) {
    match body {
        Body::Json(json) => forget_in(json, path),
        Body::Multipart(parts) => {
            for Part { body, .. } in parts {
                forget(body, path);
            }
        }
        _ => {}
    }
}

fn forget_in(json: &mut Json, path: &JsonPath) {
    let places: Vec<Vec<Step>> = {
        let found = path.query_located(&*json);
        found.locations().map(steps).collect()
    };
    for place in &places {
        remove(json, place);
    }
}

enum Step {
    Name(String),
    Index(usize),
}

fn steps(place: &NormalizedPath<'_>) -> Vec<Step> {
    let step = |element: &PathElement<'_>| match element {
        PathElement::Name(name) => Step::Name((*name).to_owned()),
        PathElement::Index(index) => Step::Index(*index),
    };
    place.iter().map(step).collect()
}

fn remove(json: &mut Json, place: &[Step]) {
    let Some((last, before)) = place.split_last() else {
        *json = Json::Null;
        return;
    };
    let parent = before.iter().try_fold(json, |json, step| match step {
        Step::Name(name) => json.get_mut(name),
        Step::Index(index) => json.get_mut(*index),
    });
    match (parent, last) {
        (Some(Json::Object(fields)), Step::Name(name)) => drop(fields.remove(name)),
        // In a list the place stays, so that the length is still looked at.
        (Some(Json::Array(items)), Step::Index(index)) if *index < items.len() => {
            items[*index] = Json::Null;
        }
        _ => {}
    }
}
