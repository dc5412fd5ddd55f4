//! An answer with its whole body, and how much of it reaches the caller.

use std::io;

use axum::body::{Body, to_bytes};
use axum::response::Response;
use bytes::Bytes;
use futures::stream::{self, StreamExt};
use http::header::CONTENT_LENGTH;
use http::{HeaderValue, StatusCode};

/// How much of an answer reaches the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Delivery {
    /// All of it.
    Whole,
    /// The head and half of the body; then the connection breaks.
    Half,
    /// Nothing; the connection breaks.
    Nothing,
    /// Nothing; the connection stays open.
    Never,
}

pub(crate) struct Answer {
    pub(crate) head: http::response::Parts,
    pub(crate) body: Bytes,
    pub(crate) delivery: Delivery,
    /// A fault made it up, or cut it.
    pub(crate) is_fault: bool,
}

impl Answer {
    /// Takes a response whole. One that breaks off by itself stays broken.
    pub(crate) async fn of(response: Response) -> Self {
        let (head, body) = response.into_parts();
        match to_bytes(body, usize::MAX).await {
            Ok(body) => Self { head, body, delivery: Delivery::Whole, is_fault: false },
            Err(_) => Self::silent(Delivery::Nothing),
        }
    }

    /// An answer of which nothing is seen.
    pub(crate) fn silent(delivery: Delivery) -> Self {
        let (head, ()) = http::Response::new(()).into_parts();
        Self { head, body: Bytes::new(), delivery, is_fault: false }
    }

    /// The same answer as one that is not the tool's.
    pub(crate) fn by_fault(mut self) -> Self {
        self.is_fault = true;
        self
    }

    pub(crate) fn cut(mut self, delivery: Delivery) -> Self {
        self.delivery = delivery;
        self.by_fault()
    }

    /// The status the caller sees, if it sees one.
    pub(crate) fn status(&self) -> Option<StatusCode> {
        match self.delivery {
            Delivery::Whole | Delivery::Half => Some(self.head.status),
            Delivery::Nothing | Delivery::Never => None,
        }
    }

    /// What of the body leaves the sandbox.
    pub(crate) fn sent_body(&self) -> Bytes {
        match self.delivery {
            Delivery::Whole => self.body.clone(),
            Delivery::Half => self.body.slice(..self.body.len() / 2),
            Delivery::Nothing | Delivery::Never => Bytes::new(),
        }
    }

    pub(crate) async fn deliver(self) -> Response {
        match self.delivery {
            Delivery::Whole => Response::from_parts(self.head, Body::from(self.body)),
            Delivery::Half => cut_short(self),
            Delivery::Nothing => broken(),
            Delivery::Never => futures::future::pending().await,
        }
    }
}

/// A response after which the connection is closed without a byte having been sent: the
/// server sees the body fail before it has flushed the head.
pub(crate) fn broken() -> Response {
    Response::new(Body::from_stream(stream::iter([Err::<Bytes, _>(reset())])))
}

/// The head promises the whole body; half of it comes, and the connection breaks. A body
/// too short to halve promises one byte more than it has.
fn cut_short(answer: Answer) -> Response {
    let half = answer.sent_body();
    let mut head = answer.head;
    let promised = answer.body.len().max(half.len() + 1);
    head.headers.insert(CONTENT_LENGTH, HeaderValue::from(promised));
    let rest = stream::once(async {
        // Give way once, so that head and first half are flushed before the break.
        tokio::task::yield_now().await;
        Err(reset())
    });
    let body = stream::iter([Ok(half)]).chain(rest);
    Response::from_parts(head, Body::from_stream(body))
}

fn reset() -> io::Error {
    io::Error::new(io::ErrorKind::ConnectionReset, "the sandbox broke the connection")
}
