//! The count of calls against an account's limits.

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use outflow_core::Clock;

use crate::lock::lock;
use crate::{Endpoint, GateLimits, Refusal, Window, Windows};

/// How much of an account's limits is used.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// The rolling windows.
    pub windows: Vec<WindowUse>,
    /// Calls in flight.
    pub in_flight: u32,
    /// The budget of the day, when there is one.
    pub daily: Option<DailyUse>,
}

/// How much of a window is used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WindowUse {
    /// Its name.
    pub name: &'static str,
    /// How many calls it takes.
    pub max: usize,
    /// How many it holds.
    pub used: usize,
    /// When the oldest of them leaves it; zero when it holds none.
    pub frees_in: Duration,
}

/// How much of a day's budget is used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DailyUse {
    /// The whole budget.
    pub budget: u64,
    /// What is used of it, by day; the last one is today.
    pub days: BTreeMap<Date, u64>,
    /// What is used of it today.
    pub used: u64,
    /// When it comes back.
    pub until: Timestamp,
}

/// One call's place among the calls in flight, given back on drop.
pub(crate) struct Permit(Arc<AtomicU32>);

impl Drop for Permit {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Counts calls. What is refused is not counted.
pub(crate) struct Meter {
    limits: GateLimits,
    clock: Clock,
    in_flight: Arc<AtomicU32>,
    spent: Mutex<Spent>,
}

struct Spent {
    /// The instants of the last `max` calls of each window. A token bucket would let
    /// nearly twice the limit through within one span.
    instants: Vec<VecDeque<Duration>>,
    days: BTreeMap<Date, u64>,
}

impl Meter {
    pub(crate) fn new(limits: GateLimits, clock: Clock) -> Self {
        let instants = limits.windows.iter().map(|_| VecDeque::new()).collect();
        Self {
            limits,
            clock,
            in_flight: Arc::default(),
            spent: Mutex::new(Spent { instants, days: BTreeMap::new() }),
        }
    }

    /// Takes a call's share of every limit, or of none.
    pub(crate) fn admit(&self, endpoint: &Endpoint, enforce: bool) -> Result<Permit, Refusal> {
        let now = self.clock.elapsed();
        let mut spent = lock(&self.spent);
        if enforce {
            self.check_in_flight()?;
            self.check_day(&spent, endpoint)?;
            self.check_windows(&mut spent, endpoint, now)?;
        }
        for (window, instants) in self.limits.windows.iter().zip(&mut spent.instants) {
            if endpoint.windows.include(window.name) {
                remember(window, instants, now);
            }
        }
        self.add_to_day(&mut spent, u64::from(endpoint.cost));
        self.in_flight.fetch_add(1, Ordering::Relaxed);
        Ok(Permit(Arc::clone(&self.in_flight)))
    }

    /// Takes from the day's budget without a call.
    pub(crate) fn spend(&self, cost: u64) {
        self.add_to_day(&mut lock(&self.spent), cost);
    }

    /// What is used of the given windows and of the rest.
    pub(crate) fn usage(&self, windows: Windows) -> Usage {
        let now = self.clock.elapsed();
        let mut spent = lock(&self.spent);
        let windows = self
            .limits
            .windows
            .iter()
            .zip(&mut spent.instants)
            .filter(|(window, _)| windows.include(window.name))
            .map(|(window, instants)| window_use(window, instants, now))
            .collect();
        Usage { windows, in_flight: self.in_flight.load(Ordering::Relaxed), daily: self.daily_use(&spent) }
    }

    fn check_in_flight(&self) -> Result<(), Refusal> {
        match self.limits.in_flight {
            Some(max) if self.in_flight.load(Ordering::Relaxed) >= max => Err(Refusal::InFlight),
            _ => Ok(()),
        }
    }

    fn check_day(&self, spent: &Spent, endpoint: &Endpoint) -> Result<(), Refusal> {
        let Some(daily) = &self.limits.daily else {
            return Ok(());
        };
        let used = spent.days.get(&self.today(&daily.reset_zone)).copied().unwrap_or(0);
        if used.saturating_add(u64::from(endpoint.cost)) <= daily.budget {
            return Ok(());
        }
        let until = self.midnight(&daily.reset_zone);
        Err(Refusal::Daily { until })
    }

    fn check_windows(&self, spent: &mut Spent, endpoint: &Endpoint, now: Duration) -> Result<(), Refusal> {
        for (window, instants) in self.limits.windows.iter().zip(&mut spent.instants) {
            if !endpoint.windows.include(window.name) {
                continue;
            }
            forget_old(window, instants, now);
            if instants.len() >= window.max {
                let retry_after = frees_in(window, instants, now);
                return Err(Refusal::Window { name: window.name, retry_after });
            }
        }
        Ok(())
    }

    fn add_to_day(&self, spent: &mut Spent, cost: u64) {
        if let Some(daily) = &self.limits.daily {
            let used = spent.days.entry(self.today(&daily.reset_zone)).or_default();
            *used = used.saturating_add(cost);
        }
    }

    fn daily_use(&self, spent: &Spent) -> Option<DailyUse> {
        let daily = self.limits.daily.as_ref()?;
        let today = self.today(&daily.reset_zone);
        let mut days = spent.days.clone();
        let used = *days.entry(today).or_default();
        Some(DailyUse { budget: daily.budget, days, used, until: self.midnight(&daily.reset_zone) })
    }

    fn today(&self, zone: &TimeZone) -> Date {
        self.clock.now().to_zoned(zone.clone()).date()
    }

    /// The next midnight of a zone; on the last day of time itself, that instant.
    fn midnight(&self, zone: &TimeZone) -> Timestamp {
        let now = self.clock.now().to_zoned(zone.clone());
        now.checked_add(1.day())
            .and_then(|tomorrow| tomorrow.start_of_day())
            .map_or(Timestamp::MAX, |midnight| midnight.timestamp())
    }
}

/// A call made exactly `per` ago is out of the window.
fn forget_old(window: &Window, instants: &mut VecDeque<Duration>, now: Duration) {
    while instants.front().is_some_and(|at| now.saturating_sub(*at) >= window.per) {
        instants.pop_front();
    }
}

/// Without enforcement there may be more calls than the window takes: the last ones count.
fn remember(window: &Window, instants: &mut VecDeque<Duration>, now: Duration) {
    if instants.len() >= window.max {
        instants.pop_front();
    }
    instants.push_back(now);
}

fn frees_in(window: &Window, instants: &VecDeque<Duration>, now: Duration) -> Duration {
    instants.front().map_or(Duration::ZERO, |oldest| (*oldest + window.per).saturating_sub(now))
}

fn window_use(window: &Window, instants: &mut VecDeque<Duration>, now: Duration) -> WindowUse {
    forget_old(window, instants, now);
    WindowUse {
        name: window.name,
        max: window.max,
        used: instants.len(),
        frees_in: frees_in(window, instants, now),
    }
}
