//! What a tool tells its gate: which endpoint a call is, what the limits are, and how
//! the tool words a refusal.

use std::time::Duration;

use axum::response::Response;
use http::request::Parts;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::Usage;

/// A tool's rules, asked by its [`Gate`](crate::Gate) for every call.
pub trait Policy: Send + Sync + 'static {
    /// Which endpoint a call is for. The body is at hand since some APIs name the method
    /// in it (`_method=GET`).
    fn endpoint(&self, parts: &Parts, body: &[u8]) -> Endpoint;

    /// The account's limits, read once when the gate is made.
    fn limits(&self) -> GateLimits {
        GateLimits::default()
    }

    /// Answers what the tool turns away without counting it: a bad token, a URL too long.
    fn screen(&self, _parts: &Parts, _body: &[u8]) -> Option<Response> {
        None
    }

    /// Notes, in the request's extensions, what its handler should know of the moment the
    /// call arrived, before its latency: what a tool looks up when a call begins, calls
    /// that end meanwhile do not change.
    fn arrive(&self, _parts: &mut Parts) {}

    /// The tool's answer to a call over a limit.
    fn refuse(&self, refusal: &Refusal) -> Response;

    /// An error as the tool would word it, for [`FaultAction::ErrorCode`](crate::FaultAction).
    fn error(&self, code: &str, message: &str) -> Response;

    /// Makes the access token in use expire now.
    fn expire_token(&self) {}

    /// Adds the tool's rate-limit headers. `usage` lists the windows that apply to
    /// `endpoint`, this call included.
    fn decorate(&self, _response: &mut Response, _endpoint: &Endpoint, _usage: &Usage) {}
}

/// One endpoint of a tool, as its limits see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// The name in the call log, and for faults to match.
    pub operation: &'static str,
    /// What a call takes from the daily budget.
    pub cost: u32,
    /// Whether it counts against any limit at all: calls for a token often do not.
    pub counted: bool,
    /// The windows it counts against.
    pub windows: Windows,
}

impl Endpoint {
    /// An endpoint that costs 1 and counts against every window.
    #[must_use]
    pub const fn new(operation: &'static str) -> Self {
        Self { operation, cost: 1, counted: true, windows: Windows::All }
    }

    /// The same endpoint, taking `cost` from the daily budget.
    #[must_use]
    pub const fn costing(mut self, cost: u32) -> Self {
        self.cost = cost;
        self
    }

    /// The same endpoint, counting against these windows alone.
    #[must_use]
    pub const fn in_windows(mut self, names: &'static [&'static str]) -> Self {
        self.windows = Windows::Only(names);
        self
    }

    /// The same endpoint, free of every limit.
    #[must_use]
    pub const fn uncounted(mut self) -> Self {
        self.counted = false;
        self.cost = 0;
        self
    }
}

/// Which windows an endpoint counts against.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Windows {
    /// Every window of the account.
    All,
    /// The windows of these names.
    Only(&'static [&'static str]),
}

impl Windows {
    pub(crate) fn include(self, name: &str) -> bool {
        match self {
            Self::All => true,
            Self::Only(names) => names.contains(&name),
        }
    }
}

/// The limits of an account.
#[derive(Clone, Debug, Default)]
pub struct GateLimits {
    /// Rolling windows.
    pub windows: Vec<Window>,
    /// How many calls may be in flight at once.
    pub in_flight: Option<u32>,
    /// The budget of a day.
    pub daily: Option<Daily>,
}

/// At most `max` calls in any span of `per`.
#[derive(Clone, Debug)]
pub struct Window {
    /// Its name, for endpoints and refusals.
    pub name: &'static str,
    /// How many calls.
    pub max: usize,
    /// In how long a time.
    pub per: Duration,
}

/// A budget that comes back at midnight.
#[derive(Clone, Debug)]
pub struct Daily {
    /// How much there is each day.
    pub budget: u64,
    /// Whose midnight.
    pub reset_zone: TimeZone,
}

/// Why a call is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// A window is full.
    Window {
        /// Its name.
        name: &'static str,
        /// When a call would fit again.
        retry_after: Duration,
    },
    /// Too many calls are in flight.
    InFlight,
    /// The budget of the day is used up.
    Daily {
        /// When it comes back.
        until: Timestamp,
    },
}

impl Refusal {
    /// Its name in the call log: the window's name, `in_flight` or `daily`.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Window { name, .. } => name,
            Self::InFlight => "in_flight",
            Self::Daily { .. } => "daily",
        }
    }
}
