//! Locking without a panic path.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Locks, also when a holder panicked: the state is counts and queues, whole after
/// every statement, and a test that failed should not make its neighbours fail.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
