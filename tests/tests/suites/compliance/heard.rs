//! An exchange, in the form it is judged in.

use http::HeaderMap;
use outflow_sandbox::Exchange;
use outflow_tests::openapi;
use outflow_tests::recording::Recorded;
use serde_json::Value;

pub(crate) type Pairs = Vec<(String, String)>;

/// One request, and what came back.
#[derive(Clone, Debug)]
pub(crate) struct Heard {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: Pairs,
    pub(crate) body: Sent,
    /// `None` when no answer came.
    pub(crate) status: Option<u16>,
    /// The answer, if it is JSON.
    pub(crate) answer: Option<Value>,
    /// Headers, when they are known, with names in lower case.
    pub(crate) headers: Option<Headers>,
    /// The answer is a fault script's.
    pub(crate) is_fault: bool,
    /// The request was written by hand, and may be one that is rightly refused.
    pub(crate) is_by_hand: bool,
    /// How it is read, where that is not as it stands.
    pub(crate) reading: Option<&'static str>,
}

/// The body of a request.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Sent {
    Nothing,
    Json(Value),
    Form(Pairs),
    /// What is neither.
    Other(String),
}

#[derive(Clone, Debug)]
pub(crate) struct Headers {
    pub(crate) sent: Pairs,
    pub(crate) answered: Pairs,
}

const FORM: &str = "application/x-www-form-urlencoded";

impl From<&Exchange> for Heard {
    fn from(exchange: &Exchange) -> Self {
        let sent = pairs_of(&exchange.request_headers);
        let kind = sent.iter().find(|(name, _)| name == "content-type");
        let kind = kind.map_or("", |(_, kind)| kind.as_str());
        Self {
            method: exchange.method.to_string(),
            path: exchange.path.clone(),
            query: pairs(exchange.query.as_bytes()),
            body: Sent::of(kind, &exchange.request_body),
            status: exchange.status,
            answer: serde_json::from_slice(&exchange.response_body).ok(),
            headers: Some(Headers { answered: pairs_of(&exchange.response_headers), sent }),
            is_fault: exchange.is_fault,
            is_by_hand: false,
            reading: None,
        }
    }
}

impl From<Recorded> for Heard {
    fn from(recorded: Recorded) -> Self {
        let kind = recorded.content_type.unwrap_or_default();
        Self {
            method: recorded.method,
            path: recorded.path,
            query: recorded.query,
            body: Sent::of(&kind, recorded.body.unwrap_or_default().as_bytes()),
            status: Some(recorded.status),
            answer: recorded.answer,
            // Those of requests were not recorded.
            headers: None,
            is_fault: false,
            is_by_hand: false,
            reading: None,
        }
    }
}

impl Heard {
    /// The same, as one written by hand.
    pub(crate) fn by_hand(mut self) -> Self {
        self.is_by_hand = true;
        self
    }

    /// The exchange as the judge takes it. Who got no answer has no status.
    pub(crate) fn exchange(&self) -> openapi::Exchange<'_> {
        openapi::Exchange {
            method: &self.method,
            path: &self.path,
            query: &self.query,
            body: match &self.body {
                Sent::Nothing | Sent::Other(_) => openapi::Body::None,
                Sent::Json(body) => openapi::Body::Json(body),
                Sent::Form(form) => openapi::Body::Form(form),
            },
            status: self.status.unwrap_or_default(),
            answer: self.answer.as_ref(),
        }
    }

    /// Whether the answer is the tool's own.
    pub(crate) fn is_answered(&self) -> bool {
        self.status.is_some() && !self.is_fault
    }

    /// In one line.
    pub(crate) fn name(&self) -> String {
        let status = self.status.map_or("no answer".to_owned(), |status| status.to_string());
        format!("{} {} ({status})", self.method, self.path)
    }
}

impl Sent {
    fn of(kind: &str, body: &[u8]) -> Self {
        if body.is_empty() {
            return Self::Nothing;
        }
        if kind.starts_with(FORM) {
            return Self::Form(pairs(body));
        }
        match serde_json::from_slice(body) {
            Ok(json) => Self::Json(json),
            Err(_) => Self::Other(String::from_utf8_lossy(body).into_owned()),
        }
    }
}

fn pairs(text: &[u8]) -> Pairs {
    form_urlencoded::parse(text).into_owned().collect()
}

fn pairs_of(headers: &HeaderMap) -> Pairs {
    let text = |value: &http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    headers.iter().map(|(name, value)| (name.as_str().to_owned(), text(value))).collect()
}
