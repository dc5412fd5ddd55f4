//! One call to a tool's API.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, header};
use serde::Serialize;
use serde::de::DeserializeOwned;
use url::Url;

use super::stack::Http;
use super::transport::{Request, Response};
use crate::error::{Error, ErrorKind, Result};

/// What the call stack and the plugin's [`Api`](super::Api) know of a call.
#[derive(Clone, Debug)]
pub struct CallInfo {
    /// The operation's name in logs and counts: `sync_leads`.
    pub operation: &'static str,
    /// Repeating it does no harm. GET, PUT and DELETE are; POST and PATCH must say so.
    pub idempotent: bool,
    /// Its URL and body hold secrets: neither is ever shown.
    pub sensitive: bool,
    /// What it takes from the day's budget.
    pub cost: u64,
    /// Which rate windows count it.
    pub lane: &'static str,
    /// It takes part in limits and counts. Token calls do not.
    pub counted: bool,
    /// It carries the account's credentials.
    pub authorized: bool,
    /// The answer is to be JSON: one that is not was cut short or comes from a machine on
    /// the way, and the call is repeated where that does no harm.
    pub expects_json: bool,
    /// How long to wait for the answer.
    pub timeout: Duration,
}

/// A call being built.
///
/// ```no_run
/// # async fn example(http: outflow_core::http::Http) -> outflow_core::Result<()> {
/// #[derive(serde::Deserialize)]
/// struct Created { id: u64 }
///
/// let created: Created = http
///     .post("create_person", "https://crm.example/people")
///     .json(&serde_json::json!({ "email": "ada@example.com" }))
///     .receive()
///     .await?;
/// # Ok(()) }
/// ```
#[must_use = "a call does nothing until it is sent"]
pub struct Call {
    http: Http,
    info: CallInfo,
    method: Method,
    /// Or what the plugin gave for one. Whether that may be shown is not known before
    /// the call is whole.
    url: Result<Url, (String, url::ParseError)>,
    headers: http::HeaderMap,
    body: Result<Bytes>,
}

/// Longer than the servers' own time limits for common calls, so that they answer first.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(60);

impl Call {
    pub(super) fn new(http: Http, operation: &'static str, method: Method, url: &str) -> Self {
        let url = Url::parse(url).map_err(|error| (url.to_owned(), error));
        let info = CallInfo {
            operation,
            idempotent: method != Method::POST && method != Method::PATCH,
            sensitive: false,
            cost: 1,
            lane: "",
            counted: true,
            authorized: true,
            expects_json: false,
            timeout: DEFAULT_TIMEOUT,
        };
        Self { http, info, method, url, headers: http::HeaderMap::new(), body: Ok(Bytes::new()) }
    }

    /// Adds a query parameter, percent-encoded.
    pub fn query(mut self, name: &str, value: impl AsRef<str>) -> Self {
        if let Ok(url) = &mut self.url {
            url.query_pairs_mut().append_pair(name, value.as_ref());
        }
        self
    }

    /// Sets a header.
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }

    /// Sends this value as JSON.
    pub fn json<T: Serialize + ?Sized>(mut self, value: &T) -> Self {
        self.body = serde_json::to_vec(value).map(Bytes::from).map_err(|error| {
            Error::plugin(format!("{} could not be written as JSON: {error}", self.info.operation))
        });
        self.header(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))
    }

    /// Sends a body that is JSON already.
    pub fn json_bytes(mut self, body: impl Into<Bytes>) -> Self {
        self.body = Ok(body.into());
        self.header(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))
    }

    /// Sends these pairs as a form.
    pub fn form<'a>(mut self, pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let form = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
        self.body = Ok(form.into());
        self.header(header::CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"))
    }

    /// Says whether repeating the call does no harm.
    pub fn idempotent(mut self, idempotent: bool) -> Self {
        self.info.idempotent = idempotent;
        self
    }

    /// Says that URL and body hold secrets.
    pub fn sensitive(mut self) -> Self {
        self.info.sensitive = true;
        self
    }

    /// What it takes from the day's budget; 1 if not given.
    pub fn cost(mut self, cost: u64) -> Self {
        self.info.cost = cost;
        self
    }

    /// Which rate windows count it.
    pub fn lane(mut self, lane: &'static str) -> Self {
        self.info.lane = lane;
        self
    }

    /// Takes it out of limits and counts: token calls, which the tools do not count.
    pub fn uncounted(mut self) -> Self {
        self.info.counted = false;
        self
    }

    /// Sends it without the account's credentials.
    pub fn unauthorized(mut self) -> Self {
        self.info.authorized = false;
        self
    }

    /// How long to wait for the answer; 60 seconds if not given.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.info.timeout = timeout;
        self
    }

    /// Sends it through the call stack.
    ///
    /// # Errors
    /// What the plugin's [`Api`](super::Api) made of the last answer, once retries,
    /// refresh and waiting did not help.
    pub async fn send(self) -> Result<Response> {
        let url = self.url.map_err(|(text, error)| no_url(&self.info, &text, error))?;
        let body = self.body?;
        let mut request = Request::new(body);
        *request.method_mut() = self.method;
        *request.uri_mut() = url
            .as_str()
            .parse()
            // Only a URL that `http` cannot hold: longer than 64 KB.
            .map_err(|error| Error::new(ErrorKind::TooLarge, format!("the URL cannot be sent: {error}")))?;
        *request.headers_mut() = self.headers;
        self.http.execute(&self.info, &request).await
    }

    /// Sends it and reads the answer's JSON.
    ///
    /// # Errors
    /// As [`send`](Self::send); and when the answer is not the JSON expected:
    /// `NoAnswer` for a write that cannot be repeated, `Unavailable` for all else.
    pub async fn receive<T: DeserializeOwned>(mut self) -> Result<T> {
        self.info.expects_json = true;
        let info = self.info.clone();
        let response = self.send().await?;
        read_json(&info, response.body())
    }
}

/// Neither body nor headers, which hold data and credentials; nor a sensitive URL.
impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut call = f.debug_struct("Call");
        call.field("operation", &self.info.operation).field("method", &self.method);
        if let Some(url) = self.url.as_ref().ok().filter(|_| !self.info.sensitive) {
            call.field("url", &url.as_str());
        }
        call.finish_non_exhaustive()
    }
}

fn no_url(info: &CallInfo, text: &str, error: url::ParseError) -> Error {
    if info.sensitive {
        return Error::configuration(format!("the URL of {} is none: {error}", info.operation));
    }
    Error::configuration(format!("{text:?} is not a URL: {error}"))
}

pub(super) fn read_json<T: DeserializeOwned>(info: &CallInfo, body: &[u8]) -> Result<T> {
    serde_json::from_slice(body).map_err(|error| {
        let kind =
            if info.idempotent { ErrorKind::Unavailable { retry_after: None } } else { ErrorKind::NoAnswer };
        let unreadable =
            Error::new(kind, format!("the answer to {} is not the JSON expected", info.operation))
                .with_code("unreadable_answer");
        // serde quotes the value that it did not expect.
        if info.sensitive { unreadable } else { unreadable.with_source(error) }
    })
}
