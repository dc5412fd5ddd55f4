//! Limits of an account: declared as data, kept by one limiter for every destination
//! on the account, corrected by what the server says.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};
use serde::Serialize;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::clock::Clock;
use crate::error::{Error, ErrorKind, Result};

/// A rolling window: so many calls in any stretch of this length.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Window {
    /// Which calls it counts: those of this lane, or `""`, the lane of all calls that
    /// name none.
    pub lane: &'static str,
    /// How many calls.
    pub calls: usize,
    /// In any stretch of this length.
    pub per: Duration,
}

/// A budget for a day.
#[derive(Clone, Debug)]
pub struct Daily {
    /// How much may be spent from one reset to the next, in the unit of
    /// [`Call::cost`](crate::http::Call::cost).
    pub budget: u64,
    /// The time zone at whose midnight it comes back.
    pub zone: TimeZone,
}

/// The limits of one account, as data.
///
/// ```
/// use outflow_core::Limits;
/// use std::time::Duration;
///
/// let limits = Limits::none().window(100, Duration::from_secs(20)).in_flight(10);
/// ```
#[derive(Clone, Debug, Default)]
pub struct Limits {
    /// Rolling windows.
    pub windows: Vec<Window>,
    /// Calls at once.
    pub in_flight: Option<usize>,
    /// The budget of a day.
    pub daily: Option<Daily>,
}

impl Limits {
    /// No limit known.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// So many calls in any stretch of this length.
    #[must_use]
    pub fn window(self, calls: usize, per: Duration) -> Self {
        self.lane_window("", calls, per)
    }

    /// So many calls of this lane in any stretch of this length.
    #[must_use]
    pub fn lane_window(mut self, lane: &'static str, calls: usize, per: Duration) -> Self {
        self.windows.push(Window { lane, calls: calls.max(1), per });
        self
    }

    /// So many calls at once.
    #[must_use]
    pub fn in_flight(mut self, calls: usize) -> Self {
        self.in_flight = Some(calls.max(1));
        self
    }

    /// So much a day, coming back at midnight in `zone`.
    #[must_use]
    pub fn daily(mut self, budget: u64, zone: TimeZone) -> Self {
        self.daily = Some(Daily { budget, zone });
        self
    }
}

/// What is left of an account's limits, for a host to show.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LimitsLeft {
    /// Calls that each window would let through now: lane, calls left, calls in all.
    pub windows: Vec<(String, usize, usize)>,
    /// Calls under way.
    pub in_flight: usize,
    /// What is left of the day's budget, and when it comes back.
    pub daily: Option<(u64, Timestamp)>,
    /// Nothing goes before this time.
    pub paused_until: Option<Timestamp>,
}

/// Keeps the limits of one account. Cloning shares it.
#[derive(Clone, Debug)]
pub struct Limiter(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    limits: Limits,
    clock: Clock,
    in_flight: Option<Arc<Semaphore>>,
    /// For each lane that has windows: its callers wait in this queue, so that one of
    /// them waits for the window and the others for their turn.
    turns: Vec<(&'static str, tokio::sync::Mutex<()>)>,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// For each window, when its last `calls` calls went (on the clock's own scale).
    windows: Vec<VecDeque<Duration>>,
    /// Nobody calls before this instant.
    held_until: Duration,
    spent_today: u64,
    resets_at: Option<Timestamp>,
    /// When a new day was last begun after an old one (on the clock's own scale).
    day_began: Option<Duration>,
    exhausted_until: Option<Timestamp>,
}

/// One call's leave to go. Dropping it frees its place among the calls in flight.
#[derive(Debug)]
pub struct Permit {
    _in_flight: Option<OwnedSemaphorePermit>,
}

/// How long after midnight the server's count can still be yesterday's: its clock and
/// ours differ, and answers take time.
const COUNT_LAG: Duration = Duration::from_secs(120);

/// No server means to hold an account back for longer; a header that says so is broken.
const LONGEST_HOLD: Duration = Duration::from_secs(24 * 3600);

/// A window is kept this much longer than the server's, as the time a call takes to
/// reach the server varies: 100 calls sent over 20 s can arrive within 19.9 s.
fn with_margin(per: Duration) -> Duration {
    per.saturating_add((per / 50).max(Duration::from_millis(20)))
}

impl Limiter {
    /// A limiter for these limits.
    #[must_use]
    pub fn new(limits: Limits, clock: Clock) -> Self {
        let state = State {
            windows: limits.windows.iter().map(|window| VecDeque::with_capacity(window.calls)).collect(),
            held_until: Duration::ZERO,
            spent_today: 0,
            resets_at: None,
            day_began: None,
            exhausted_until: None,
        };
        let in_flight = limits.in_flight.map(|calls| Arc::new(Semaphore::new(calls)));
        let mut lanes: Vec<&str> = limits.windows.iter().map(|window| window.lane).collect();
        lanes.sort_unstable();
        lanes.dedup();
        Self(Arc::new(Inner {
            limits,
            clock,
            in_flight,
            turns: lanes.into_iter().map(|lane| (lane, Default::default())).collect(),
            state: Mutex::new(state),
        }))
    }

    /// The limits it keeps.
    #[must_use]
    pub fn limits(&self) -> &Limits {
        &self.0.limits
    }

    /// Waits until a call of this lane and cost may go, first come first served.
    ///
    /// # Errors
    /// `QuotaExhausted` when the day's budget is used up; `Throttled` when the server
    /// holds the account back for longer than `patience`.
    pub async fn acquire(&self, lane: &str, cost: u64, patience: Duration) -> Result<Permit> {
        self.check(cost, patience)?;
        let turn = self.0.turns.iter().find(|(name, _)| *name == lane);
        let _turn = match turn {
            Some((_, turn)) => Some(turn.lock().await),
            None => None,
        };
        loop {
            self.check(cost, patience)?;
            let wait = self.wait(&self.state(), lane);
            if !wait.is_zero() {
                self.0.clock.sleep(wait).await;
                continue;
            }
            // Only now: callers who wait for a window must not keep other lanes waiting.
            let in_flight = match &self.0.in_flight {
                // The semaphore is never closed.
                Some(semaphore) => Arc::clone(semaphore).acquire_owned().await.ok(),
                None => None,
            };
            if self.go(lane, cost)? {
                return Ok(Permit { _in_flight: in_flight });
            }
        }
    }

    /// Holds every caller of the account back for this long: the server said so.
    pub fn hold(&self, duration: Duration) {
        let until = self.0.clock.elapsed().saturating_add(duration.min(LONGEST_HOLD));
        let mut state = self.state();
        state.held_until = state.held_until.max(until);
    }

    /// Nothing goes before `until`: the server says that the day's budget is used up.
    pub fn exhaust(&self, until: Timestamp) {
        self.state().exhausted_until = Some(until);
    }

    /// The server says how much of the day's budget is left. Only less than we counted
    /// is believed: other programs spend too, and such counts lag.
    pub fn correct_daily(&self, left: u64) {
        let Some(daily) = &self.0.limits.daily else { return };
        let mut state = self.state();
        if state.resets_at.is_none() {
            self.start_new_day(&mut state);
        }
        // Yesterday's count, come late, would stop the account for the whole day.
        let now = self.0.clock.elapsed();
        if state.day_began.is_some_and(|began| now < began + COUNT_LAG) {
            return;
        }
        state.spent_today = state.spent_today.max(daily.budget.saturating_sub(left));
    }

    /// When the day's budget comes back, or the next midnight UTC when none is declared.
    #[must_use]
    pub fn next_reset(&self) -> Timestamp {
        let zone = self.0.limits.daily.as_ref().map_or(TimeZone::UTC, |daily| daily.zone.clone());
        next_midnight(self.0.clock.now(), &zone)
    }

    /// What is left now.
    #[must_use]
    pub fn left(&self) -> LimitsLeft {
        let now = self.0.clock.elapsed();
        let in_flight = match (&self.0.in_flight, self.0.limits.in_flight) {
            (Some(semaphore), Some(calls)) => calls - semaphore.available_permits(),
            _ => 0,
        };
        let resets_at = self.next_reset();
        let mut state = self.state();
        self.start_new_day(&mut state);
        let windows = self.0.limits.windows.iter().zip(&state.windows).map(|(window, calls)| {
            let used = calls.iter().filter(|at| at.saturating_add(with_margin(window.per)) > now).count();
            (window.lane.to_owned(), window.calls.saturating_sub(used), window.calls)
        });
        LimitsLeft {
            windows: windows.collect(),
            in_flight,
            daily: self
                .0
                .limits
                .daily
                .as_ref()
                .map(|daily| (daily.budget.saturating_sub(state.spent_today), resets_at)),
            paused_until: state.exhausted_until.filter(|until| *until > self.0.clock.now()),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // A panic elsewhere leaves counts behind, not broken invariants.
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How long until a call of this lane may go, as things stand.
    fn wait(&self, state: &State, lane: &str) -> Duration {
        let now = self.0.clock.elapsed();
        let windows = self.0.limits.windows.iter().zip(&state.windows);
        let opens_at = windows
            .filter(|(window, calls)| window.lane == lane && calls.len() == window.calls)
            .filter_map(|(window, calls)| Some(calls.front()?.saturating_add(with_margin(window.per))));
        opens_at.fold(state.held_until, Duration::max).saturating_sub(now)
    }

    /// Counts a call as going now; false if it has to wait after all. Windows count when
    /// a call really goes, not when it was to: a program that was suspended wakes late,
    /// and two windows' calls would go at once.
    fn go(&self, lane: &str, cost: u64) -> Result<bool> {
        let mut state = self.state();
        if !self.wait(&state, lane).is_zero() {
            return Ok(false);
        }
        self.check_budget(&mut state, cost)?;
        state.spent_today += cost;
        let now = self.0.clock.elapsed();
        for (window, calls) in self.0.limits.windows.iter().zip(&mut state.windows) {
            if window.lane == lane {
                if calls.len() == window.calls {
                    calls.pop_front();
                }
                calls.push_back(now);
            }
        }
        Ok(true)
    }

    /// Fails when waiting would not help.
    fn check(&self, cost: u64, patience: Duration) -> Result<()> {
        let mut state = self.state();
        self.check_budget(&mut state, cost)?;
        let held = state.held_until.saturating_sub(self.0.clock.elapsed());
        if held > patience {
            return Err(Error::throttled(
                Some(held),
                format!("the tool takes no calls for another {} s", held.as_secs()),
            ));
        }
        Ok(())
    }

    fn check_budget(&self, state: &mut State, cost: u64) -> Result<()> {
        let now = self.0.clock.now();
        state.exhausted_until = state.exhausted_until.filter(|until| *until > now);
        if let Some(until) = state.exhausted_until {
            return Err(exhausted(until));
        }
        let Some(daily) = &self.0.limits.daily else {
            return Ok(());
        };
        self.start_new_day(state);
        if state.spent_today.saturating_add(cost) > daily.budget {
            return Err(exhausted(self.next_reset()));
        }
        Ok(())
    }

    fn start_new_day(&self, state: &mut State) {
        let Some(daily) = &self.0.limits.daily else { return };
        let now = self.0.clock.now();
        if state.resets_at.is_none_or(|reset| reset <= now) {
            state.spent_today = 0;
            state.day_began = state.resets_at.map(|_| self.0.clock.elapsed());
            state.resets_at = Some(next_midnight(now, &daily.zone));
        }
    }
}

fn exhausted(until: Timestamp) -> Error {
    Error::new(
        ErrorKind::QuotaExhausted { until },
        format!("the account's daily budget is used up; it comes back at {until}"),
    )
}

fn next_midnight(now: Timestamp, zone: &TimeZone) -> Timestamp {
    let next = now.to_zoned(zone.clone()).checked_add(1.day()).and_then(|tomorrow| tomorrow.start_of_day());
    // Only at the end of representable time is there no tomorrow.
    next.map_or_else(
        |_| now.checked_add(SignedDuration::from_hours(24)).unwrap_or(Timestamp::MAX),
        |midnight| midnight.timestamp(),
    )
}
