//! One instance of the tool: it answers calls and states the rules of the gate.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::response::Response;
use bytes::Bytes;
use http::StatusCode;
use http::request::Parts;
use jiff::tz::{Offset, TimeZone};
use outflow_core::Clock;
use outflow_sandbox::{Daily, Endpoint, Gate, GateLimits, Policy, Refusal, Tokens, Window};

use super::MarketoAccount;
use super::identity::Identity;
use super::reply::{Failure, Half, Reply, failure, request_id, server_page, success};
use super::request::{Call, SeenUpTo, bearer, method};
use super::routes::{Operation, Route, route};
use super::state::State;
use super::{assets, describe, find, members, sync};

pub(super) struct Instance {
    account: MarketoAccount,
    clock: Clock,
    tokens: Tokens,
    identity: Mutex<Identity>,
    state: Mutex<State>,
}

/// A test that failed with a lock in its hand should not make its neighbours fail.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Instance {
    pub(super) fn new(account: MarketoAccount, clock: Clock, seed: u64) -> Self {
        let state = State::new(clock.now());
        Self {
            account,
            clock,
            tokens: Tokens::seeded(seed),
            identity: Mutex::new(Identity::new()),
            state: Mutex::new(state),
        }
    }

    pub(super) fn account(&self) -> &MarketoAccount {
        &self.account
    }

    pub(super) fn clock(&self) -> &Clock {
        &self.clock
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }

    pub(super) fn identity(&self) -> MutexGuard<'_, Identity> {
        lock(&self.identity)
    }

    /// Answers a call that the gate let through.
    pub(super) fn answer(&self, gate: &Gate, parts: &Parts, body: Bytes) -> Response {
        let method = method(parts, &body);
        let route = match route(&method, parts.uri.path()) {
            Ok(route) => route,
            Err(failure) => return self.fail(&failure, half_of(parts)),
        };
        let call = Call::new(parts, body, route.id);
        match self.run(gate, route, &call) {
            Ok(reply) => success(reply, &self.request_id()),
            Err(failure) => self.fail(&failure, route.operation.half()),
        }
    }

    fn run(&self, gate: &Gate, route: Route, call: &Call) -> Result<Reply, Failure> {
        use Operation as O;
        let now = self.clock.now();
        let state = &mut *self.state();
        match route.operation {
            O::Token => Ok(self.token(call)),
            O::FindLeads => find::find_leads(state, call),
            O::GetLead => find::get_lead(state, call),
            O::SyncLeads => sync::sync_leads(state, call, now),
            O::DeleteLeads => sync::delete_leads(state, call),
            O::Describe => Ok(describe::describe(state)),
            O::Describe2 => Ok(describe::describe2(state)),
            O::ListFields => describe::list_fields(state, call),
            O::CreateFields => describe::create_fields(state, call),
            O::ListPartitions => Ok(describe::list_partitions(state)),
            O::ListsOfLead => members::lists_of_lead(state, call),
            O::FindLists => assets::find_lists(state, call),
            O::GetList => assets::get_list(state, call),
            O::ListMembers => find::list_members(state, call),
            O::AddMembers => members::add_members(state, call),
            O::RemoveMembers => members::remove_members(state, call),
            O::CheckMembers => members::check_members(state, call),
            O::BrowseStaticLists => assets::browse_static_lists(state, call),
            O::CreateStaticList => assets::create_static_list(state, call, now),
            O::StaticListByName => assets::static_list_by_name(state, call),
            O::GetStaticList => Ok(assets::get_static_list(state, call)),
            O::DeleteStaticList => assets::delete_static_list(state, call),
            O::FolderByName => assets::folder_by_name(state, call),
            O::Usage => Ok(describe::usage(gate.usage().daily.as_ref(), &self.account.user)),
            O::UsageOfWeek => Ok(describe::usage_of_week(gate.usage().daily.as_ref(), &self.account.user)),
        }
    }

    fn token(&self, call: &Call) -> Reply {
        let now = self.clock.elapsed();
        self.identity().answer(&call.parameters, &self.account, &self.tokens, now)
    }

    fn fail(&self, reason: &Failure, half: Half) -> Response {
        failure(reason, half, &self.request_id())
    }

    fn request_id(&self) -> String {
        request_id(&self.tokens, self.clock.now())
    }
}

fn half_of(parts: &Parts) -> Half {
    if parts.uri.path().starts_with("/rest/asset/") { Half::Assets } else { Half::Leads }
}

/// The web server in front of the API takes request lines up to 8 KB and bodies up to
/// 1 MB (documented).
const MAX_REQUEST_LINE: usize = 8 * 1024;
const MAX_BODY: usize = 1024 * 1024;

/// The length of `GET /path?query HTTP/1.1`.
fn request_line(parts: &Parts) -> usize {
    let uri = parts.uri.path_and_query().map_or(0, |uri| uri.as_str().len());
    parts.method.as_str().len() + uri + " ".len() + " HTTP/1.1".len()
}

impl Policy for Instance {
    fn endpoint(&self, parts: &Parts, body: &[u8]) -> Endpoint {
        match route(&method(parts, body), parts.uri.path()) {
            // "Calls to this endpoint are not counted towards API call limit" (swagger).
            Ok(route) if route.operation == Operation::Token => {
                Endpoint::new(route.operation.name()).uncounted()
            }
            Ok(route) => Endpoint::new(route.operation.name()),
            Err(_) => Endpoint::new("unknown"),
        }
    }

    fn limits(&self) -> GateLimits {
        let central = TimeZone::get("America/Chicago");
        GateLimits {
            windows: vec![Window { name: "rate", max: self.account.rate_limit, per: RATE_SPAN }],
            in_flight: Some(IN_FLIGHT),
            daily: Some(Daily {
                budget: self.account.daily_quota,
                reset_zone: central.unwrap_or(TimeZone::fixed(Offset::constant(-6))),
            }),
        }
    }

    fn screen(&self, parts: &Parts, body: &[u8]) -> Option<Response> {
        if request_line(parts) > MAX_REQUEST_LINE {
            return Some(server_page(StatusCode::URI_TOO_LONG));
        }
        if body.len() > MAX_BODY {
            return Some(server_page(StatusCode::PAYLOAD_TOO_LARGE));
        }
        if parts.uri.path().starts_with("/identity/") {
            return None;
        }
        let checked = self.identity().check(bearer(parts), self.clock.elapsed());
        checked.err().map(|failure| self.fail(&failure, half_of(parts)))
    }

    fn arrive(&self, parts: &mut Parts) {
        parts.extensions.insert(SeenUpTo(self.state().leads.next_id()));
    }

    fn refuse(&self, refusal: &Refusal) -> Response {
        let failure = match refusal {
            Refusal::Window { .. } => Failure::new("606", self.message("606")),
            Refusal::InFlight => Failure::new("615", self.message("615")),
            Refusal::Daily { .. } => Failure::new("607", self.message("607")),
        };
        self.fail(&failure, Half::Leads)
    }

    fn error(&self, code: &str, message: &str) -> Response {
        let message = if message.is_empty() { self.message(code) } else { message.to_owned() };
        self.fail(&Failure::new(code, message), Half::Leads)
    }

    fn expire_token(&self) {
        self.identity().expire();
    }
}

/// 100 calls in 20 seconds, 10 at once (documented).
const RATE_SPAN: Duration = Duration::from_secs(20);
const IN_FLIGHT: u32 = 10;

impl Instance {
    /// The API's own wording for the codes of whole calls.
    fn message(&self, code: &str) -> String {
        let account = &self.account;
        let text = match code {
            "502" => "Bad Gateway",
            "601" => "Access token invalid",
            "602" => "Access token expired",
            "603" => "Access denied",
            "604" => "Request timed out",
            "606" => {
                let (rate, span) = (account.rate_limit, RATE_SPAN.as_secs());
                return format!("Max rate limit '{rate}' exceeded with in '{span}' secs");
            }
            "607" => return format!("Daily quota '{}' reached", account.daily_quota),
            "608" => "API Temporarily Unavailable",
            "609" => "Invalid JSON",
            "610" => "Requested resource not found",
            "611" => "System error",
            "612" => "Invalid Content Type",
            "614" => "Invalid Subscription",
            "615" => return format!("Concurrent access limit '{IN_FLIGHT}' reached"),
            "713" => "Transient Error",
            "1013" => "Object not found",
            "1019" => "Import in progress",
            "1029" => "Too many jobs in queue",
            _ => "Error",
        };
        text.to_owned()
    }
}
