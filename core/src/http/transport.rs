//! The wire: one method over `http` types, so that reqwest, a sandbox in the same
//! process and a cassette are the same thing to everything above.

use async_trait::async_trait;
use bytes::Bytes;

/// An HTTP request as it goes out. Its extensions hold the call's
/// [`CallInfo`](super::CallInfo) when it comes through the call stack.
pub type Request = http::Request<Bytes>;
/// An HTTP response with its whole body.
pub type Response = http::Response<Bytes>;

/// Sends one request and reads the whole answer. It never retries and never follows
/// a redirect: both would hide calls from the limits.
#[async_trait]
pub trait Transport: Send + Sync + 'static {
    /// Sends `request`.
    ///
    /// # Errors
    /// [`TransportError`] says whether the request can have reached the server.
    async fn send(&self, request: Request) -> Result<Response, TransportError>;
}

/// No answer came. Messages must not contain the URL: it may be sensitive.
#[derive(Debug, thiserror::Error)]
pub enum TransportError {
    /// The request never reached the server: it is safe to send it again.
    #[error("the request was not sent: {0}")]
    NotSent(String),
    /// The connection broke, or the answer was cut short: the server may have acted.
    #[error("no whole answer came: {0}")]
    NoAnswer(String),
}
