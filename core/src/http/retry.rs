//! When to call again.

use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};

/// Bounds of the retries within one call. Failures that outlast them become
/// [`Outcome::Retry`](crate::Outcome::Retry), to be tried again later.
#[derive(Clone, Debug)]
pub struct RetryPolicy {
    /// Calls again after a passing failure, at most.
    pub attempts: usize,
    /// The first pause; each is twice the one before, jittered.
    pub first_pause: Duration,
    /// The longest pause.
    pub longest_pause: Duration,
    /// How long a call may take with all its repetitions: none begins that this leaves no
    /// time for.
    pub total: Duration,
    /// How long throttling is waited out. A throttled call burns no attempt.
    pub throttle_patience: Duration,
    /// Seeds the jitter, for tests that must repeat.
    pub jitter_seed: Option<u64>,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            attempts: 4,
            first_pause: Duration::from_secs(1),
            longest_pause: Duration::from_secs(30),
            total: Duration::from_secs(300),
            throttle_patience: Duration::from_secs(300),
            jitter_seed: None,
        }
    }
}

impl RetryPolicy {
    pub(super) fn pauses(&self) -> ExponentialBackoff {
        self.curve().with_max_times(self.attempts).build()
    }

    /// Throttling is bounded by time, not by count.
    pub(super) fn throttle_pauses(&self) -> ExponentialBackoff {
        self.curve().without_max_times().build()
    }

    fn curve(&self) -> ExponentialBuilder {
        let curve =
            ExponentialBuilder::new().with_min_delay(self.first_pause).with_max_delay(self.longest_pause);
        match self.jitter_seed {
            Some(seed) => curve.with_jitter().with_jitter_seed(seed),
            None => curve.with_jitter(),
        }
    }
}
