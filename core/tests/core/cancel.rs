//! The signal that stops a run.

use outflow_core::{Cancel, Clock};

use crate::scripted::secs;

#[tokio::test(start_paused = true)]
async fn whoever_waits_learns_it_and_it_stays_set() {
    let clock = Clock::system();
    let cancel = Cancel::new();
    assert!(!cancel.is_set());
    assert!(clock.timeout(secs(1), cancel.wait()).await.is_err());

    let shared = cancel.clone();
    let set = async {
        clock.sleep(secs(5)).await;
        shared.set();
    };
    tokio::join!(cancel.wait(), cancel.wait(), set);
    assert_eq!(clock.elapsed(), secs(6));
    assert!(cancel.is_set() && shared.is_set());

    cancel.set();
    cancel.wait().await;
    assert!(cancel.clone().is_set());
    assert!(!Cancel::default().is_set());
}

#[tokio::test(start_paused = true)]
async fn it_can_be_set_when_nobody_waits() {
    let cancel = Cancel::new();
    cancel.set();
    cancel.wait().await;
}
