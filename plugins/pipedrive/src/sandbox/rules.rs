//! The gate's questions: what a call costs, who may call, how a refusal reads.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_TYPE, HeaderMap, SERVER};
use http::request::Parts;
use http::{HeaderName, HeaderValue, StatusCode};
use outflow_core::Clock;
use outflow_sandbox::{Controls, Endpoint, GateLimits, Policy, Refusal, Usage};

use super::desk::{Desk, lock};
use super::endpoints::{Found, Kind, Route, find};
use super::plan::{OAUTH_WINDOW, Plan, SEARCH_WINDOW, TOKEN_WINDOW};
use super::reply::Refused;
use super::tokens::Caller;

/// Who carries on through so many refusals in [`PATIENCE`] is locked out for [`LOCK_OUT`].
/// The real thresholds are not public; that there are some is in the docs.
const TOO_MANY_REFUSALS: usize = 100;
const PATIENCE: Duration = Duration::from_secs(10);
const LOCK_OUT: Duration = Duration::from_secs(60);

const DAILY_LIMIT: HeaderName = HeaderName::from_static("x-daily-ratelimit-token-limit");
const DAILY_REMAINING: HeaderName = HeaderName::from_static("x-daily-ratelimit-token-remaining");
const LIMIT: HeaderName = HeaderName::from_static("x-ratelimit-limit");
const REMAINING: HeaderName = HeaderName::from_static("x-ratelimit-remaining");
const RESET: HeaderName = HeaderName::from_static("x-ratelimit-reset");
const REQUESTS_LEFT: HeaderName = HeaderName::from_static("x-daily-requests-left");

/// Writes an API token may send in a day: the older, fair-use limit, which is shown but
/// never reached before the tokens run out. [recorded: 9,927 left]
const DAILY_WRITES: u64 = 10_000;

/// Pipedrive's rules.
pub(super) struct Rules {
    pub(super) desk: Arc<Desk>,
    pub(super) controls: Controls,
    pub(super) plan: Plan,
    pub(super) seats: u32,
    pub(super) abuse: Abuse,
}

impl Policy for Rules {
    fn endpoint(&self, parts: &Parts, _: &[u8]) -> Endpoint {
        let Found::Route(route, _) = find(&parts.method, parts.uri.path()) else {
            return Endpoint::new("unknown").costing(0).in_windows(&[TOKEN_WINDOW]);
        };
        let endpoint = Endpoint::new(route.operation).costing(route.cost);
        match route.kind {
            Kind::Token => endpoint.uncounted(),
            Kind::Search => endpoint.in_windows(&[SEARCH_WINDOW]),
            Kind::Plain if self.caller(parts) == Some(Caller::OAuth) => endpoint.in_windows(&[OAUTH_WINDOW]),
            Kind::Plain => endpoint.in_windows(&[TOKEN_WINDOW]),
        }
    }

    fn limits(&self) -> GateLimits {
        self.plan.limits(self.seats)
    }

    fn screen(&self, parts: &Parts, _: &[u8]) -> Option<Response> {
        if self.controls.limits() && self.abuse.is_locked_out(&self.controls.clock) {
            return Some(blocked());
        }
        let needs_access = !matches!(
            find(&parts.method, parts.uri.path()),
            Found::Route(Route { kind: Kind::Token, .. }, _)
        );
        (needs_access && self.caller(parts).is_none()).then(|| Refused::unauthorized().into_response())
    }

    fn refuse(&self, refusal: &Refusal) -> Response {
        self.abuse.refused(&self.controls.clock);
        let mut response = Refused::v1(StatusCode::TOO_MANY_REQUESTS, "Rate limit exceeded").into_response();
        if matches!(refusal, Refusal::Daily { .. }) {
            // What is left may be a few tokens, too few for this call.
            set(response.headers_mut(), DAILY_REMAINING, 0);
        }
        response
    }

    /// A status (`404`), a code of plan limits (`feature_capping_…`), or any other code of
    /// a bad request.
    fn error(&self, code: &str, message: &str) -> Response {
        let status = code.parse().ok().and_then(|code| StatusCode::from_u16(code).ok());
        match status {
            Some(StatusCode::UNAUTHORIZED) => Refused::unauthorized(),
            Some(status) => Refused::v1(status, message),
            None if code.starts_with("feature_capping") => Refused::forbidden(message, code),
            None => Refused::v2(StatusCode::BAD_REQUEST, code, message),
        }
        .into_response()
    }

    fn expire_token(&self) {
        self.desk.credentials().expire_access_tokens();
    }

    fn decorate(&self, response: &mut Response, endpoint: &Endpoint, usage: &Usage) {
        let headers = response.headers_mut();
        if let Some(window) = usage.windows.first() {
            set(headers, LIMIT, number(window.max));
            set(headers, REMAINING, number(window.max.saturating_sub(window.used)));
            set(headers, RESET, whole_seconds(window.frees_in));
        }
        if let Some(daily) = &usage.daily {
            set(headers, DAILY_LIMIT, daily.budget);
            if !headers.contains_key(DAILY_REMAINING) {
                set(headers, DAILY_REMAINING, daily.budget.saturating_sub(daily.used));
            }
        }
        // Only creates and updates show it. [recorded]
        if is_write(endpoint.operation) {
            let operations = self.controls.log.operations();
            let writes = operations.iter().filter(|(name, _)| is_write(name));
            let writes: u64 = writes.map(|(_, count)| count.calls).sum();
            set(headers, REQUESTS_LEFT, DAILY_WRITES.saturating_sub(writes));
        }
    }
}

impl Rules {
    fn caller(&self, parts: &Parts) -> Option<Caller> {
        self.desk.credentials().caller(parts, self.desk.now())
    }
}

fn is_write(operation: &str) -> bool {
    operation.starts_with("create") || operation.starts_with("update")
}

fn set(headers: &mut HeaderMap, name: HeaderName, value: u64) {
    headers.insert(name, HeaderValue::from(value));
}

fn number(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}

/// Rounded up: who waits so long does not come too early.
fn whole_seconds(duration: Duration) -> u64 {
    duration.as_secs() + u64::from(duration.subsec_nanos() > 0)
}

/// Who does not stop after 429 meets the network's own page.
fn blocked() -> Response {
    const PAGE: &str = "<!DOCTYPE html>\n<html lang=\"en-US\">\n\
        <head><title>Access denied | Cloudflare</title></head>\n\
        <body><h1>Error 1015</h1><h2>You are being rate limited</h2>\n\
        <p>The owner of this website has banned you temporarily from accessing this website.</p>\n\
        </body>\n</html>\n";
    let mut response = (StatusCode::FORBIDDEN, PAGE).into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=UTF-8"));
    headers.insert(SERVER, HeaderValue::from_static("cloudflare"));
    response
}

/// Counts refusals, and locks out who does not heed them.
#[derive(Default)]
pub(super) struct Abuse(Mutex<Refusals>);

#[derive(Default)]
struct Refusals {
    recent: VecDeque<Duration>,
    locked_until: Option<Duration>,
}

impl Abuse {
    fn refused(&self, clock: &Clock) {
        let now = clock.elapsed();
        let mut refusals = lock(&self.0);
        while refusals.recent.front().is_some_and(|at| now.saturating_sub(*at) >= PATIENCE) {
            refusals.recent.pop_front();
        }
        refusals.recent.push_back(now);
        if refusals.recent.len() >= TOO_MANY_REFUSALS {
            refusals.recent.clear();
            refusals.locked_until = Some(now + LOCK_OUT);
        }
    }

    fn is_locked_out(&self, clock: &Clock) -> bool {
        lock(&self.0).locked_until.is_some_and(|until| clock.elapsed() < until)
    }
}
