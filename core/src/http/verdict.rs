//! What an answer means.

use std::time::Duration;

use http::{HeaderMap, StatusCode, header};
use jiff::SignedDuration;

use super::call::CallInfo;
use super::transport::Response;
use crate::clock::Clock;
use crate::error::{Error, ErrorKind, Result};
use crate::limits::Limiter;

/// How one tool's answers are read. Some say "slow down" inside a 200.
pub trait Api: Send + Sync + 'static {
    /// Whether the call did what it was to do; if not, the error's
    /// [`kind`](Error::kind) says what the call stack does next.
    ///
    /// # Errors
    /// The failure that the answer reports.
    fn verdict(&self, call: &CallInfo, response: &Response, clock: &Clock) -> Result<()>;

    /// Takes what an answer's headers say of the limits, for the limiter to know.
    fn observe(&self, call: &CallInfo, response: &Response, limiter: &Limiter) {
        let _ = (call, response, limiter);
    }
}

/// An API that says everything by its HTTP status.
#[derive(Debug, Clone, Copy, Default)]
pub struct HttpStatus;

impl Api for HttpStatus {
    fn verdict(&self, call: &CallInfo, response: &Response, clock: &Clock) -> Result<()> {
        verdict_of_status(call, response, clock)
    }
}

/// What the HTTP status alone says: the rule that most APIs keep, and the rest fall back to.
///
/// # Errors
/// The failure that the status stands for, with the answer's first words.
pub fn verdict_of_status(call: &CallInfo, response: &Response, clock: &Clock) -> Result<()> {
    let status = response.status();
    if status.is_success() {
        return Ok(());
    }
    let wait = retry_after(response.headers(), clock);
    let kind = match status {
        StatusCode::UNAUTHORIZED => ErrorKind::TokenExpired,
        StatusCode::PAYMENT_REQUIRED | StatusCode::FORBIDDEN => ErrorKind::Configuration,
        StatusCode::NOT_FOUND | StatusCode::GONE => ErrorKind::Gone,
        StatusCode::REQUEST_TIMEOUT => ErrorKind::Unavailable { retry_after: wait },
        StatusCode::PAYLOAD_TOO_LARGE | StatusCode::URI_TOO_LONG => ErrorKind::TooLarge,
        StatusCode::TOO_MANY_REQUESTS => ErrorKind::Throttled { retry_after: wait },
        _ if status.is_server_error() => ErrorKind::Unavailable { retry_after: wait },
        _ if status.is_client_error() => ErrorKind::Rejected,
        // A redirect is never followed: credentials would go to whoever it names.
        _ => ErrorKind::Configuration,
    };
    let message =
        format!("{} answered HTTP {}{}", call.operation, status.as_u16(), first_words(call, response.body()));
    Err(Error::new(kind, message).with_code(status.as_u16().to_string()))
}

/// The server's own delay: `Retry-After` in seconds or as a date.
#[must_use]
pub fn retry_after(headers: &HeaderMap, clock: &Clock) -> Option<Duration> {
    let text = headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let at = jiff::fmt::rfc2822::parse(text).ok()?.timestamp();
    let wait: SignedDuration = at.duration_since(clock.now());
    Some(Duration::try_from(wait).unwrap_or_default())
}

fn first_words(call: &CallInfo, body: &[u8]) -> String {
    const MOST: usize = 200;
    if body.is_empty() || call.sensitive {
        return String::new();
    }
    let text = String::from_utf8_lossy(&body[..body.len().min(MOST)]);
    let words: Vec<&str> = text.split_whitespace().collect();
    format!(": {}", words.join(" "))
}
