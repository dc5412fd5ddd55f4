//! Where calls find what they need: the company, credentials and time.

use std::sync::{Mutex, MutexGuard, PoisonError};

use outflow_core::Clock;

use super::company::Company;
use super::tokens::Credentials;

/// The state that all routers of one sandbox share.
pub(super) struct Desk {
    clock: Clock,
    company: Mutex<Company>,
    credentials: Mutex<Credentials>,
}

impl Desk {
    pub(super) fn new(clock: Clock, seed: u64) -> Self {
        let now = clock.now().as_second();
        Self {
            company: Mutex::new(Company::new(clock.clone(), seed)),
            credentials: Mutex::new(Credentials::new(seed, now)),
            clock,
        }
    }

    pub(super) fn now(&self) -> i64 {
        self.clock.now().as_second()
    }

    /// The company as it is by now.
    pub(super) fn company(&self) -> MutexGuard<'_, Company> {
        let mut company = lock(&self.company);
        company.advance();
        company
    }

    pub(super) fn credentials(&self) -> MutexGuard<'_, Credentials> {
        lock(&self.credentials)
    }
}

/// Locks, also when a holder panicked: a test that failed should not make others fail.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
