//! One request and what came of it, in memory.

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, header};
use jiff::Timestamp;
use outflow_core::http::{CallInfo, Request, Response, TransportError};
use url::Url;

use crate::encoding::decoded;
use crate::error::EntryProblem;

/// One entry of a cassette.
#[derive(Clone, Debug)]
pub(crate) struct Exchange {
    pub(crate) started: Timestamp,
    /// In milliseconds.
    pub(crate) time: f64,
    /// The operation's name, when the request came through the call stack.
    pub(crate) operation: Option<String>,
    pub(crate) asked: Asked,
    pub(crate) answer: Answer,
}

/// A request.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) method: String,
    pub(crate) url: Url,
    pub(crate) version: String,
    pub(crate) headers: Vec<Header>,
    pub(crate) body: Bytes,
}

/// What came of it.
#[derive(Clone, Debug)]
pub(crate) enum Answer {
    Response {
        status: u16,
        version: String,
        headers: Vec<Header>,
        body: Bytes,
    },
    /// The request never reached the server.
    NotSent(String),
    /// The server may have acted, but no whole answer came.
    Unanswered(String),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) name: String,
    pub(crate) value: String,
    /// Marked by whoever set it: a credential.
    pub(crate) sensitive: bool,
}

impl Header {
    pub(crate) fn is(&self, name: &http::HeaderName) -> bool {
        self.name.eq_ignore_ascii_case(name.as_str())
    }
}

/// They describe the body on the wire. Bodies are kept decoded and whole.
const OF_THE_WIRE: [http::HeaderName; 3] =
    [header::CONTENT_ENCODING, header::CONTENT_LENGTH, header::TRANSFER_ENCODING];

impl Asked {
    /// The request as it goes out, its body decoded.
    pub(crate) fn of(request: &Request) -> Result<Self, EntryProblem> {
        let url = Url::parse(&request.uri().to_string())
            .map_err(|error| EntryProblem(format!("the request's URL cannot be kept: {error}")))?;
        let (headers, body) = kept(request.headers(), request.body())?;
        Ok(Self {
            method: request.method().as_str().to_owned(),
            url,
            version: format!("{:?}", request.version()),
            headers,
            body,
        })
    }

    pub(crate) fn content_type(&self) -> &str {
        content_type(&self.headers)
    }
}

impl Answer {
    /// What the wire answered, its body decoded.
    pub(crate) fn of(answer: &Result<Response, TransportError>) -> Result<Self, EntryProblem> {
        let response = match answer {
            Ok(response) => response,
            Err(TransportError::NotSent(text)) => return Ok(Self::NotSent(text.clone())),
            Err(TransportError::NoAnswer(text)) => return Ok(Self::Unanswered(text.clone())),
        };
        let (headers, body) = kept(response.headers(), response.body())?;
        Ok(Self::Response {
            status: response.status().as_u16(),
            version: format!("{:?}", response.version()),
            headers,
            body,
        })
    }

    /// The answer as the wire would give it.
    pub(crate) fn replayed(&self) -> Result<Response, TransportError> {
        let (status, headers, body) = match self {
            Self::Response { status, headers, body, .. } => (*status, headers, body),
            Self::NotSent(text) => return Err(TransportError::NotSent(text.clone())),
            Self::Unanswered(text) => return Err(TransportError::NoAnswer(text.clone())),
        };
        let unusable = |text: String| TransportError::NoAnswer(text);
        let mut response = Response::new(body.clone());
        *response.status_mut() =
            http::StatusCode::from_u16(status).map_err(|error| unusable(error.to_string()))?;
        for header in headers.iter().filter(|header| !is_of_the_wire(header)) {
            let (name, value) = header.parsed().map_err(|problem| unusable(problem.0))?;
            response.headers_mut().append(name, value);
        }
        Ok(response)
    }
}

impl Header {
    /// As the `http` crate has it.
    pub(crate) fn parsed(&self) -> Result<(http::HeaderName, HeaderValue), EntryProblem> {
        let unusable = || EntryProblem(format!("its header {:?} cannot be sent over HTTP", self.name));
        let name = self.name.parse().map_err(|_| unusable())?;
        let value = HeaderValue::from_bytes(self.value.as_bytes()).map_err(|_| unusable())?;
        Ok((name, value))
    }
}

pub(crate) fn is_of_the_wire(header: &Header) -> bool {
    OF_THE_WIRE.iter().any(|name| header.is(name))
}

/// The media type of a body, as its header says.
pub(crate) fn content_type(headers: &[Header]) -> &str {
    value_of(headers, &header::CONTENT_TYPE).unwrap_or_default()
}

pub(crate) fn value_of<'a>(headers: &'a [Header], name: &http::HeaderName) -> Option<&'a str> {
    headers.iter().find(|header| header.is(name)).map(|header| header.value.as_str())
}

/// What the call stack says of a request.
pub(crate) fn operation_of(request: &Request) -> Option<String> {
    let info = request.extensions().get::<CallInfo>()?;
    Some(info.operation.to_owned())
}

/// Whether URL and body of a request must not be shown.
pub(crate) fn is_sensitive(request: &Request) -> bool {
    let info = request.extensions().get::<CallInfo>();
    info.is_some_and(|info| info.sensitive)
}

fn kept(headers: &HeaderMap, body: &Bytes) -> Result<(Vec<Header>, Bytes), EntryProblem> {
    let mut headers: Vec<Header> = headers
        .iter()
        .map(|(name, value)| Header {
            name: name.as_str().to_owned(),
            value: as_text(value),
            sensitive: value.is_sensitive(),
        })
        .collect();
    let encoding = value_of(&headers, &header::CONTENT_ENCODING).unwrap_or_default();
    let body = decoded(encoding, body)?;
    headers.retain(|header| !is_of_the_wire(header));
    Ok((headers, body))
}

/// A header's bytes are Latin-1 by the letter and UTF-8 by custom.
fn as_text(value: &HeaderValue) -> String {
    let bytes = value.as_bytes();
    std::str::from_utf8(bytes).map_or_else(|_| bytes.iter().copied().map(char::from).collect(), str::to_owned)
}
