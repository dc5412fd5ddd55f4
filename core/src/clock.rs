//! The one clock that everything timed takes: limits, expiries, backoff, sandboxes.

use std::future::Future;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

/// A clock that may start anywhere and run faster than the wall.
///
/// It stands on tokio's time, so a paused tokio runtime pauses it too: under
/// `#[tokio::test(start_paused = true)]` hours pass in no time, deterministically.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
/// use outflow_core::Clock;
/// use std::time::Duration;
///
/// let clock = Clock::scaled(1_000.0);
/// let before = clock.now();
/// clock.sleep(Duration::from_secs(2)).await; // two milliseconds of ours
/// assert!(clock.now().duration_since(before).as_secs() >= 2);
/// # });
/// ```
#[derive(Clone, Debug)]
pub struct Clock {
    epoch: Timestamp,
    start: Instant,
    scale: f64,
}

impl Clock {
    /// The wall clock.
    #[must_use]
    pub fn system() -> Self {
        Self::starting_at(Timestamp::now())
    }

    /// A clock that reads `epoch` now and runs at the wall's speed.
    #[must_use]
    pub fn starting_at(epoch: Timestamp) -> Self {
        Self { epoch, start: Instant::now(), scale: 1.0 }
    }

    /// A clock that starts at the wall's time and runs `scale` times as fast.
    ///
    /// A `scale` that is not a positive finite number counts as 1.
    #[must_use]
    pub fn scaled(scale: f64) -> Self {
        let scale = if scale.is_finite() && scale > 0.0 { scale } else { 1.0 };
        Self { scale, ..Self::system() }
    }

    /// The same clock's speed, starting anew at `epoch`.
    #[must_use]
    pub fn restarted_at(&self, epoch: Timestamp) -> Self {
        Self { epoch, start: Instant::now(), scale: self.scale }
    }

    /// What time it is on this clock.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        let elapsed = SignedDuration::try_from(self.elapsed()).unwrap_or(SignedDuration::MAX);
        self.epoch.checked_add(elapsed).unwrap_or(Timestamp::MAX)
    }

    /// How long this clock has run, on its own scale. It never goes backwards.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        let elapsed = self.start.elapsed();
        if self.scale == 1.0 { elapsed } else { scaled(elapsed, self.scale) }
    }

    /// Sleeps for `duration` of this clock's time.
    pub async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(self.on_the_wall(duration)).await;
    }

    /// Waits for `future` no longer than `duration` of this clock's time.
    ///
    /// # Errors
    /// [`Elapsed`] when the time ran out first.
    pub async fn timeout<F: Future>(&self, duration: Duration, future: F) -> Result<F::Output, Elapsed> {
        tokio::time::timeout(self.on_the_wall(duration), future).await.map_err(|_| Elapsed)
    }

    fn on_the_wall(&self, duration: Duration) -> Duration {
        if self.scale == 1.0 { duration } else { scaled(duration, self.scale.recip()) }
    }
}

/// `Duration::mul_f64` panics where this ends at the longest time there is.
fn scaled(duration: Duration, scale: f64) -> Duration {
    Duration::try_from_secs_f64(duration.as_secs_f64() * scale).unwrap_or(Duration::MAX)
}

impl Default for Clock {
    fn default() -> Self {
        Self::system()
    }
}

/// The time given to [`Clock::timeout`] ran out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the time ran out")]
pub struct Elapsed;
