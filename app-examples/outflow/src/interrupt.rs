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
    let mut work = pin!(work);
    tokio::select! {
        biased;
        () = asked_to_stop() => {}
        done = &mut work => return (done, false),
    }
    cancel.set();
    output.say("stopping: what is in flight finishes; press Ctrl-C again to stop at once");
    tokio::select! {
        done = &mut work => (done, true),
        () = asked_to_stop() => std::process::exit(i32::from(Exit::Interrupted.code())),
    }
}

/// Waits for Ctrl-C, or for the signal by which a supervisor asks a process to end.
///
/// Where a signal cannot be listened for, it keeps its usual effect.
#[cfg(unix)]
pub(crate) async fn asked_to_stop() {
    use tokio::signal::unix::{SignalKind, signal};

    let wait_for = async |kind| match signal(kind) {
        Ok(mut signal) => drop(signal.recv().await),
        Err(_) => std::future::pending().await,
    };
    tokio::select! {
        () = wait_for(SignalKind::interrupt()) => {}
        () = wait_for(SignalKind::terminate()) => {}
    }
}

/// Waits for Ctrl-C.
#[cfg(not(unix))]
pub(crate) async fn asked_to_stop() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}
