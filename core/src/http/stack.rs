//! The call stack: trace, retry, auth, limit, wire, in this order.

use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use http::Method;
use tracing::Instrument;

use super::auth::{Authorize, TokenCell};
use super::call::{Call, CallInfo, read_json};
use super::meter::{Meter, RUN};
use super::retry::RetryPolicy;
use super::transport::{Request, Response, Transport, TransportError};
use super::verdict::{Api, HttpStatus};
use crate::clock::Clock;
use crate::error::{Error, ErrorKind, Result, Scope};
use crate::limits::Limiter;

/// An account's way to its tool. Cloning shares everything: limits, token, counts.
#[derive(Clone)]
pub struct Http {
    transport: Arc<dyn Transport>,
    api: Arc<dyn Api>,
    authorize: Option<Arc<dyn Authorize>>,
    token: Arc<TokenCell>,
    limiter: Limiter,
    retry: Arc<RetryPolicy>,
    clock: Clock,
    meter: Meter,
}

impl fmt::Debug for Http {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Http").field("limiter", &self.limiter).finish_non_exhaustive()
    }
}

impl Http {
    /// A call stack over this wire, for an API that speaks through HTTP statuses and
    /// needs no credentials.
    pub fn new(transport: Arc<dyn Transport>, limiter: Limiter, retry: RetryPolicy, clock: Clock) -> Self {
        Self {
            transport,
            api: Arc::new(HttpStatus),
            authorize: None,
            token: Arc::default(),
            limiter,
            retry: Arc::new(retry),
            clock,
            meter: Meter::default(),
        }
    }

    /// Reads answers as this API means them.
    #[must_use]
    pub fn with_api(mut self, api: impl Api) -> Self {
        self.api = Arc::new(api);
        self
    }

    /// Puts these credentials on every call.
    #[must_use]
    pub fn with_auth(mut self, authorize: impl Authorize) -> Self {
        self.authorize = Some(Arc::new(authorize));
        self.token = Arc::default();
        self
    }

    /// Starts a GET.
    pub fn get(&self, operation: &'static str, url: &str) -> Call {
        self.call(operation, Method::GET, url)
    }

    /// Starts a POST. Say [`idempotent`](Call::idempotent) where it is.
    pub fn post(&self, operation: &'static str, url: &str) -> Call {
        self.call(operation, Method::POST, url)
    }

    /// Starts a PATCH. Say [`idempotent`](Call::idempotent) where it is.
    pub fn patch(&self, operation: &'static str, url: &str) -> Call {
        self.call(operation, Method::PATCH, url)
    }

    /// Starts a PUT.
    pub fn put(&self, operation: &'static str, url: &str) -> Call {
        self.call(operation, Method::PUT, url)
    }

    /// Starts a DELETE.
    pub fn delete(&self, operation: &'static str, url: &str) -> Call {
        self.call(operation, Method::DELETE, url)
    }

    fn call(&self, operation: &'static str, method: Method, url: &str) -> Call {
        Call::new(self.clone(), operation, method, url)
    }

    /// The account's clock.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// The account's limits.
    #[must_use]
    pub fn limiter(&self) -> &Limiter {
        &self.limiter
    }

    /// The account's calls so far.
    #[must_use]
    pub fn meter(&self) -> &Meter {
        &self.meter
    }

    pub(super) async fn execute(&self, call: &CallInfo, request: &Request) -> Result<Response> {
        let span = tracing::debug_span!("call", operation = call.operation, method = %request.method());
        self.retried(call, request).instrument(span).await
    }

    /// Calls until the verdict is final.
    async fn retried(&self, call: &CallInfo, request: &Request) -> Result<Response> {
        let mut pauses = self.retry.pauses();
        let mut throttle_pauses = self.retry.throttle_pauses();
        let mut throttled_since = None;
        let mut refreshed = false;
        let began = self.clock.elapsed();
        loop {
            let (error, generation) = match self.attempt(call, request).await {
                Ok(response) => return Ok(response),
                // The token's own calls have been retried already.
                Err(Failed::Unauthorized(error)) => return Err(error),
                Err(Failed::Called(error, generation)) => (error, generation),
            };
            tracing::debug!(kind = error.kind().name(), code = error.code(), "the call failed");
            match *error.kind() {
                ErrorKind::TokenExpired => {
                    if refreshed || !self.can_refresh(call) {
                        return Err(credentials_refused(&error));
                    }
                    refreshed = true;
                    self.token.refuse(generation);
                }
                ErrorKind::Throttled { retry_after } => {
                    let now = self.clock.elapsed();
                    let since = *throttled_since.get_or_insert(now);
                    let pause = retry_after
                        // "At once" to a call that came too early is a clock that is off.
                        .filter(|asked| !asked.is_zero())
                        .or_else(|| throttle_pauses.next())
                        .unwrap_or(self.retry.longest_pause);
                    if call.counted {
                        self.limiter.hold(pause);
                    }
                    let patience = self.retry.throttle_patience.saturating_sub(now - since);
                    if pause > patience || !self.paused(pause).await {
                        return Err(error);
                    }
                }
                ErrorKind::Unavailable { retry_after } => {
                    let Some(pause) = pauses.next() else {
                        return Err(error);
                    };
                    let pause = retry_after.map_or(pause, |asked| asked.max(pause));
                    let spent = self.clock.elapsed().saturating_sub(began);
                    if spent.saturating_add(pause) > self.retry.total || !self.paused(pause).await {
                        return Err(error);
                    }
                }
                ErrorKind::QuotaExhausted { until } => {
                    self.limiter.exhaust(until);
                    return Err(error);
                }
                _ => return Err(error),
            }
        }
    }

    /// Waits; false when the run is cancelled: what is under way may finish, but not
    /// linger through pauses.
    async fn paused(&self, pause: Duration) -> bool {
        unless_cancelled(self.clock.sleep(pause)).await.is_some()
    }

    /// One attempt: fresh credentials, a place in the limits, the wire, the verdict.
    async fn attempt(&self, call: &CallInfo, request: &Request) -> Result<Response, Failed> {
        // Built anew each time: a replay must not carry two Authorization values.
        let mut request = request.clone();
        let mut generation = 0;
        if let Some(authorize) = self.authorize.as_ref().filter(|_| call.authorized) {
            let outside = call_without_auth(self);
            let (token, current) =
                Box::pin(self.token.get(authorize.as_ref(), &outside)).await.map_err(Failed::Unauthorized)?;
            generation = current;
            authorize.apply(&token, request.headers_mut()).map_err(Failed::Unauthorized)?;
        }
        self.sent(call, request).await.map_err(|error| Failed::Called(error, generation))
    }

    async fn sent(&self, call: &CallInfo, mut request: Request) -> Result<Response> {
        // For a wire that writes down what goes over it: the operation's name, and
        // whether the request may be shown.
        request.extensions_mut().insert(call.clone());
        let permit = if call.counted {
            let patience = self.retry.throttle_patience;
            let leave = self.limiter.acquire(call.lane, call.cost, patience);
            // A call that is not sent yet need not be, once the run is cancelled.
            let leave = unless_cancelled(leave).await.ok_or_else(|| cancelled(call))?;
            Some(leave?)
        } else {
            None
        };
        if call.counted {
            self.meter.count(call);
            let _ = RUN.try_with(|run| run.meter.count(call));
        }
        let answer = self.clock.timeout(call.timeout, self.transport.send(request)).await;
        drop(permit);
        let response = match answer {
            Ok(Ok(response)) => response,
            Ok(Err(TransportError::NotSent(text))) => {
                return Err(Error::unavailable(format!("{} could not be sent: {text}", call.operation))
                    .with_code("unreachable"));
            }
            Ok(Err(TransportError::NoAnswer(text))) => return Err(unanswered(call, &text)),
            Err(_) => {
                return Err(unanswered(call, &format!("nothing came within {} s", call.timeout.as_secs())));
            }
        };
        self.api.observe(call, &response, &self.limiter);
        self.api.verdict(call, &response, &self.clock).map_err(|error| uncertain(call, error))?;
        if call.expects_json {
            read_json::<serde::de::IgnoredAny>(call, response.body())?;
        }
        Ok(response)
    }

    fn can_refresh(&self, call: &CallInfo) -> bool {
        call.authorized && self.authorize.as_ref().is_some_and(|authorize| authorize.can_refresh())
    }
}

/// What `future` gives, or nothing when the run it serves is cancelled first.
async fn unless_cancelled<F: Future>(future: F) -> Option<F::Output> {
    let Ok(cancelled) = RUN.try_with(|run| run.cancelled.clone()) else {
        return Some(future.await);
    };
    tokio::select! {
        biased;
        output = future => Some(output),
        () = cancelled.wait() => None,
    }
}

fn cancelled(call: &CallInfo) -> Error {
    Error::unavailable(format!("the run was cancelled before {} was sent", call.operation))
        .with_code("cancelled")
}

/// How an attempt failed.
enum Failed {
    /// There were no credentials to make it with: the call was not sent.
    Unauthorized(Error),
    /// The call itself failed, with the token of this generation.
    Called(Error, u64),
}

/// Token calls go out without a token.
fn call_without_auth(http: &Http) -> Http {
    Http { authorize: None, ..http.clone() }
}

fn unanswered(call: &CallInfo, text: &str) -> Error {
    let kind =
        if call.idempotent { ErrorKind::Unavailable { retry_after: None } } else { ErrorKind::NoAnswer };
    Error::new(kind, format!("{} got no answer: {text}", call.operation)).with_code("no_answer")
}

/// A 5xx to a write that cannot be repeated says nothing about whether it was done.
fn uncertain(call: &CallInfo, error: Error) -> Error {
    match error.kind() {
        ErrorKind::Unavailable { .. } if !call.idempotent => error.with_kind(ErrorKind::NoAnswer),
        _ => error,
    }
}

fn credentials_refused(error: &Error) -> Error {
    Error::configuration(format!(
        "the tool refuses the account's credentials: {}. Check the account's options",
        error.message()
    ))
    .with_code(error.code().unwrap_or("credentials_refused").to_owned())
    .with_scope(Scope::Destination)
}
