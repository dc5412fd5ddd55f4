//! Ctrl-C: once to stop cleanly, twice to stop at once.

use std::future::Future;
use std::pin::pin;

use outflow_core::Cancel;

use crate::exit::Exit;
use crate::output::Output;

/// Does `work`; sets `cancel` at the first Ctrl-C, so that it ends by itself once what is
/// in flight has finished, and ends the process at the second. Says whether it came to that.
pub(crate) async fn cancelling<T>(
    cancel: &Cancel,
    output: &mut Output,
    work: impl Future<Output = T>,
) -> (T, bool) {
    let mut stop = StopSignals::listen();
    let mut work = pin!(work);
    tokio::select! {
        done = &mut work => return (done, false),
        () = stop.next() => {}
    }
    cancel.set();
    output.say("stopping: what is in flight finishes; press Ctrl-C again to stop at once");
    tokio::select! {
        done = &mut work => (done, true),
        () = stop.next() => std::process::exit(i32::from(Exit::Interrupted.code())),
    }
}

/// Ctrl-C, and the signal by which a supervisor asks a process to end. Where a signal
/// cannot be listened for, it keeps its usual effect.
#[cfg(unix)]
pub(crate) struct StopSignals {
    interrupt: Option<tokio::signal::unix::Signal>,
    terminate: Option<tokio::signal::unix::Signal>,
}

#[cfg(unix)]
impl StopSignals {
    /// Listens from now on.
    pub(crate) fn listen() -> Self {
        use tokio::signal::unix::{SignalKind, signal};

        Self {
            interrupt: signal(SignalKind::interrupt()).ok(),
            terminate: signal(SignalKind::terminate()).ok(),
        }
    }

    /// Waits for the next one.
    pub(crate) async fn next(&mut self) {
        tokio::select! {
            Some(()) = received(&mut self.interrupt) => {}
            Some(()) = received(&mut self.terminate) => {}
            else => std::future::pending().await,
        }
    }
}

#[cfg(unix)]
async fn received(signal: &mut Option<tokio::signal::unix::Signal>) -> Option<()> {
    signal.as_mut()?.recv().await
}

/// Ctrl-C.
#[cfg(not(unix))]
pub(crate) struct StopSignals;

#[cfg(not(unix))]
impl StopSignals {
    /// Listens from the first wait on.
    pub(crate) fn listen() -> Self {
        Self
    }

    /// Waits for the next one.
    pub(crate) async fn next(&mut self) {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
