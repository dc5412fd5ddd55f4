//! Ctrl-C: a cancelled run does not linger through pauses.

use std::time::Duration;

use outflow_core::{Clock, Export, Outcome, Outflow, Registry, Run};
use rstest::rstest;
use serde_json::json;

use crate::crm;
use crate::scripted::{Reply, Wire, secs};

#[rstest]
#[case::unavailable(503, "200")]
#[case::throttled(429, "200")]
#[tokio::test(start_paused = true)]
async fn a_pause_ends_when_the_run_is_cancelled(#[case] status: u16, #[case] retry_after: &'static str) {
    let clock = Clock::system();
    let wire = Wire::new(&clock, move |_, request| match request.uri().path() {
        "/people" => Reply::new(status, "").header("retry-after", retry_after),
        _ => Reply::ok(),
    });
    let outflow = Outflow::with_registry(Registry::of(crm::PLUGINS).unwrap())
        .with_clock(clock.clone())
        .with_transport(wire.clone());
    let options = json!({ "endpoint": "https://crm.example", "token": "t" });
    let account = outflow.account("crm", &options).await.unwrap();
    let people = account.destination("crm-people-export", &json!({})).unwrap();

    let run = Run::default();
    let cancel = run.cancel.clone();
    let exports = vec![Export::new("42").property("email", "ada@example.com")];
    let cancelled = async {
        // Late enough for the batch to be under way.
        clock.sleep(secs(10)).await;
        cancel.set();
    };
    let ((report, outcomes), ()) = tokio::join!(people.export_all(exports, run), cancelled);

    assert!(clock.elapsed() < secs(11), "{:?}", clock.elapsed());
    assert_eq!(wire.sent_to("/people").len(), 1);
    assert!(report.cancelled);
    assert!(
        matches!(outcomes[0].outcome, Outcome::Retry { after: Some(after), .. } if after > Duration::ZERO),
        "nothing was written, and it is still due: {:?}",
        outcomes[0]
    );
}
