//! Plans, and the limits that come with them.

use std::time::Duration;

use jiff::tz::TimeZone;
use outflow_sandbox::{Daily, GateLimits, Window};

/// The span of all rolling windows: 2 seconds (official docs, "Rate limiting").
const SPAN: Duration = Duration::from_secs(2);
/// Tokens for each seat of the smallest plan, a day.
const DAILY_TOKENS: u64 = 30_000;
/// Searches in 2 seconds, on every plan.
const SEARCHES: usize = 10;

/// The window of calls with the API token.
pub(super) const TOKEN_WINDOW: &str = "burst";
/// The window of calls with an OAuth access token.
pub(super) const OAUTH_WINDOW: &str = "oauth burst";
/// The window of searches, apart from the others.
pub(super) const SEARCH_WINDOW: &str = "search";

/// A Pipedrive plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plan {
    /// 20 requests in 2 seconds, 30,000 tokens a day and seat.
    Lite,
    /// 40 requests in 2 seconds, 60,000 tokens a day and seat.
    Growth,
    /// 100 requests in 2 seconds, 150,000 tokens a day and seat.
    Premium,
    /// 120 requests in 2 seconds, 210,000 tokens a day and seat.
    Ultimate,
}

impl Plan {
    /// Its name in options of the App.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Lite => "lite",
            Self::Growth => "growth",
            Self::Premium => "premium",
            Self::Ultimate => "ultimate",
        }
    }

    /// Requests in 2 seconds with the API token; OAuth apps may send four times as many.
    #[must_use]
    pub fn burst(self) -> usize {
        match self {
            Self::Lite => 20,
            Self::Growth => 40,
            Self::Premium => 100,
            Self::Ultimate => 120,
        }
    }

    /// Tokens a day for so many seats.
    #[must_use]
    pub fn daily_tokens(self, seats: u32) -> u64 {
        let factor = match self {
            Self::Lite => 1,
            Self::Growth => 2,
            Self::Premium => 5,
            Self::Ultimate => 7,
        };
        DAILY_TOKENS * factor * u64::from(seats)
    }

    /// The gate's limits. The budget comes back at midnight of the server, which is UTC.
    pub(super) fn limits(self, seats: u32) -> GateLimits {
        let window = |name, max| Window { name, max, per: SPAN };
        GateLimits {
            windows: vec![
                window(TOKEN_WINDOW, self.burst()),
                window(OAUTH_WINDOW, self.burst() * 4),
                window(SEARCH_WINDOW, SEARCHES),
            ],
            in_flight: None,
            daily: Some(Daily { budget: self.daily_tokens(seats), reset_zone: TimeZone::UTC }),
        }
    }
}
