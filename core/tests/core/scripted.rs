//! A wire that answers by script and remembers what was sent, and when.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::{HeaderName, StatusCode};
use outflow_core::http::{Http, Request, Response, RetryPolicy, Transport, TransportError};
use outflow_core::{Clock, Limiter, Limits};

/// What the wire does with one request.
pub(crate) struct Reply {
    after: Duration,
    answer: Result<Response, TransportError>,
}

impl Reply {
    pub(crate) fn new(status: u16, body: impl Into<Bytes>) -> Self {
        let mut response = Response::new(body.into());
        *response.status_mut() = StatusCode::from_u16(status).unwrap();
        Self { after: Duration::ZERO, answer: Ok(response) }
    }

    pub(crate) fn ok() -> Self {
        Self::new(200, "{}")
    }

    /// The request never leaves.
    pub(crate) fn not_sent() -> Self {
        Self { after: Duration::ZERO, answer: Err(TransportError::NotSent("connection refused".to_owned())) }
    }

    /// The connection breaks while the answer is awaited.
    pub(crate) fn broken() -> Self {
        Self { after: Duration::ZERO, answer: Err(TransportError::NoAnswer("connection reset".to_owned())) }
    }

    pub(crate) fn header(mut self, name: &'static str, value: &str) -> Self {
        let headers = self.answer.as_mut().unwrap().headers_mut();
        headers.insert(HeaderName::from_static(name), value.parse().unwrap());
        self
    }

    pub(crate) fn after(mut self, after: Duration) -> Self {
        self.after = after;
        self
    }
}

/// One request as it went out.
#[derive(Clone, Debug)]
pub(crate) struct Sent {
    pub(crate) at: Duration,
    pub(crate) request: Request,
}

impl Sent {
    pub(crate) fn path(&self) -> &str {
        self.request.uri().path()
    }

    pub(crate) fn header(&self, name: &str) -> Vec<&str> {
        let values = self.request.headers().get_all(name).iter();
        values.map(|value| value.to_str().unwrap()).collect()
    }
}

type Answer = dyn FnMut(usize, &Request) -> Reply + Send;

/// A transport that answers by script. Cloning shares it.
#[derive(Clone)]
pub(crate) struct Wire {
    clock: Clock,
    answer: Arc<Mutex<Box<Answer>>>,
    sent: Arc<Mutex<Vec<Sent>>>,
}

impl Wire {
    /// `answer` is given each request with its number, from 0.
    pub(crate) fn new(clock: &Clock, answer: impl FnMut(usize, &Request) -> Reply + Send + 'static) -> Self {
        Self { clock: clock.clone(), answer: Arc::new(Mutex::new(Box::new(answer))), sent: Arc::default() }
    }

    /// Answers with these in turn, and 200 after the last.
    pub(crate) fn replies(clock: &Clock, replies: impl IntoIterator<Item = Reply>) -> Self {
        let replies: Vec<Reply> = replies.into_iter().collect();
        let mut replies = replies.into_iter();
        Self::new(clock, move |_, _| replies.next().unwrap_or_else(Reply::ok))
    }

    pub(crate) fn sent(&self) -> Vec<Sent> {
        self.sent.lock().unwrap().clone()
    }

    /// When requests went out, on the clock.
    pub(crate) fn instants(&self) -> Vec<Duration> {
        self.sent().iter().map(|sent| sent.at).collect()
    }

    /// The requests to one path.
    pub(crate) fn sent_to(&self, path: &str) -> Vec<Sent> {
        let mut sent = self.sent();
        sent.retain(|sent| sent.path() == path);
        sent
    }

    /// A call stack over this wire, without limits and without jitter that differs.
    pub(crate) fn http(&self) -> Http {
        self.limited(Limits::none())
    }

    pub(crate) fn limited(&self, limits: Limits) -> Http {
        self.retrying(limits, RetryPolicy::default())
    }

    pub(crate) fn retrying(&self, limits: Limits, retry: RetryPolicy) -> Http {
        let limiter = Limiter::new(limits, self.clock.clone());
        let retry = RetryPolicy { jitter_seed: Some(7), ..retry };
        Http::new(Arc::new(self.clone()), limiter, retry, self.clock.clone())
    }
}

#[async_trait]
impl Transport for Wire {
    async fn send(&self, request: Request) -> Result<Response, TransportError> {
        let reply = {
            let mut sent = self.sent.lock().unwrap();
            let reply = (self.answer.lock().unwrap())(sent.len(), &request);
            sent.push(Sent { at: self.clock.elapsed(), request });
            reply
        };
        self.clock.sleep(reply.after).await;
        reply.answer
    }
}

pub(crate) const fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

pub(crate) const fn millis(millis: u64) -> Duration {
    Duration::from_millis(millis)
}
