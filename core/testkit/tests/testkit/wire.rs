//! A wire that answers by rote, and requests to send over it.

use std::collections::VecDeque;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use outflow_core::Clock;
use outflow_core::http::{Request, Response, Transport, TransportError};
use outflow_testkit::{Matching, Recorder, Redaction, Replayer};

/// Gives these answers, one after the other.
pub(crate) struct Rote {
    answers: Mutex<VecDeque<Result<Response, TransportError>>>,
    pub(crate) calls: AtomicUsize,
}

impl Rote {
    pub(crate) fn of(answers: impl IntoIterator<Item = Result<Response, TransportError>>) -> Self {
        Self { answers: Mutex::new(answers.into_iter().collect()), calls: AtomicUsize::new(0) }
    }

    pub(crate) fn json(bodies: &[&str]) -> Self {
        Self::of(bodies.iter().map(|body| Ok(json(body))))
    }
}

#[async_trait]
impl Transport for Rote {
    async fn send(&self, _: Request) -> Result<Response, TransportError> {
        self.calls.fetch_add(1, Ordering::Relaxed);
        let next = self.answers.lock().unwrap().pop_front();
        next.unwrap_or_else(|| Err(TransportError::NotSent("there is no answer left".to_owned())))
    }
}

/// Fails the test when it is reached.
pub(crate) struct NoNetwork;

#[async_trait]
impl Transport for NoNetwork {
    async fn send(&self, _: Request) -> Result<Response, TransportError> {
        panic!("a replay must not reach the network");
    }
}

pub(crate) fn json(body: &str) -> Response {
    with_type("application/json", body.as_bytes())
}

pub(crate) fn with_type(content_type: &str, body: &[u8]) -> Response {
    http::Response::builder().header("content-type", content_type).body(body.to_vec().into()).unwrap()
}

pub(crate) fn get(url: &str) -> Request {
    http::Request::get(url).body("".into()).unwrap()
}

pub(crate) fn post(url: &str, content_type: &str, body: impl Into<Vec<u8>>) -> Request {
    http::Request::post(url).header("content-type", content_type).body(body.into().into()).unwrap()
}

pub(crate) fn clock() -> Clock {
    Clock::starting_at("2026-11-14T22:00:00Z".parse().unwrap())
}

/// The HAR of these requests, each answered with `{"n":…}` in their order.
pub(crate) async fn recorded(requests: Vec<Request>, redaction: &Redaction) -> String {
    let bodies: Vec<String> = (1..=requests.len()).map(|n| format!(r#"{{"n":{n}}}"#)).collect();
    let bodies: Vec<&str> = bodies.iter().map(String::as_str).collect();
    let recorder = Recorder::new(Rote::json(&bodies), clock());
    for request in requests {
        recorder.send(request).await.unwrap();
    }
    recorder.har("test", redaction).unwrap()
}

pub(crate) fn strict(har: &str) -> Replayer {
    Replayer::new("test", har, &Redaction::new(), &Matching::strict()).unwrap()
}

pub(crate) async fn body(replayer: &Replayer, request: Request) -> String {
    let response = replayer.send(request).await.unwrap();
    String::from_utf8(response.into_body().to_vec()).unwrap()
}
