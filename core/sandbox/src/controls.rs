//! The handles by which a test or a demo steers a running sandbox.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use outflow_core::Clock;

use crate::{CallLog, Faults, SandboxOptions};

/// Clock, faults, call log and settings of one sandbox. Clones share their state.
#[derive(Clone, Debug)]
pub struct Controls {
    /// The sandbox's clock.
    pub clock: Clock,
    /// What goes wrong, and when.
    pub faults: Faults,
    /// What was called.
    pub log: CallLog,
    settings: Arc<Settings>,
}

#[derive(Debug)]
struct Settings {
    app: &'static str,
    seed: u64,
    limits: AtomicBool,
    capture: AtomicBool,
    latency_nanos: AtomicU64,
}

impl Controls {
    /// The controls of a new sandbox of `app`.
    #[must_use]
    pub fn new(app: &'static str, options: &SandboxOptions) -> Self {
        let controls = Self {
            clock: options.clock.clone(),
            faults: Faults::default(),
            log: CallLog::default(),
            settings: Arc::new(Settings {
                app,
                seed: options.seed,
                limits: AtomicBool::new(options.limits),
                capture: AtomicBool::new(options.capture),
                latency_nanos: AtomicU64::new(0),
            }),
        };
        controls.set_latency(options.latency);
        controls
    }

    /// The App it imitates.
    #[must_use]
    pub fn app(&self) -> &'static str {
        self.settings.app
    }

    /// The seed it was started with.
    #[must_use]
    pub fn seed(&self) -> u64 {
        self.settings.seed
    }

    /// Whether the tool's limits are enforced.
    #[must_use]
    pub fn limits(&self) -> bool {
        self.settings.limits.load(Ordering::Relaxed)
    }

    /// Enforces the tool's limits, or lets everything through.
    pub fn set_limits(&self, enforce: bool) {
        self.settings.limits.store(enforce, Ordering::Relaxed);
    }

    /// How long each call takes.
    #[must_use]
    pub fn latency(&self) -> Duration {
        Duration::from_nanos(self.settings.latency_nanos.load(Ordering::Relaxed))
    }

    /// Sets how long each call takes, in the clock's time.
    pub fn set_latency(&self, latency: Duration) {
        let nanos = u64::try_from(latency.as_nanos()).unwrap_or(u64::MAX);
        self.settings.latency_nanos.store(nanos, Ordering::Relaxed);
    }

    /// Whether the call log keeps whole exchanges.
    #[must_use]
    pub fn capture(&self) -> bool {
        self.settings.capture.load(Ordering::Relaxed)
    }

    /// Keeps whole exchanges from now on, or stops doing so.
    pub fn set_capture(&self, capture: bool) {
        self.settings.capture.store(capture, Ordering::Relaxed);
    }
}
