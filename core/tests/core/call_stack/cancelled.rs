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

/// One call's 429 holds every caller of the account; those need not sit that out either.
#[tokio::test(start_paused = true)]
async fn waiting_in_the_limits_ends_when_the_run_is_cancelled() {
    let clock = Clock::system();
    let wire = Wire::new(&clock, move |_, request| match request.uri().path() {
        "/people" => Reply::new(429, "").header("retry-after", "120"),
        _ => Reply::ok(),
    });
    let outflow = Outflow::with_registry(Registry::of(crm::PLUGINS).unwrap())
        .with_clock(clock.clone())
        .with_transport(wire.clone());
    let options = json!({ "endpoint": "https://crm.example", "token": "t" });
    let account = outflow.account("crm", &options).await.unwrap();
    let people = account.destination("crm-people-export", &json!({})).unwrap();

    let (first, second) = (Run::default(), Run::default());
    let (end_first, end_second) = (first.cancel.clone(), second.cancel.clone());
    let export = |n: usize| vec![Export::new(n.to_string()).property("email", format!("p{n}@example.com"))];
    let held = people.export_all(export(1), first);
    let waiting = async {
        // The first run's 429 has put the hold on.
        clock.sleep(secs(5)).await;
        let (report, outcomes) = people.export_all(export(2), second).await;
        (report, outcomes, clock.elapsed())
    };
    let cancelled = async {
        clock.sleep(secs(10)).await;
        end_second.set();
        clock.sleep(secs(10)).await;
        end_first.set();
    };
    let (_, (report, outcomes, ended), ()) = tokio::join!(held, waiting, cancelled);

    assert!(ended < secs(11), "{ended:?}");
    assert_eq!(wire.sent_to("/people").len(), 1, "the second run sent nothing");
    assert!(report.cancelled);
    assert_eq!(outcomes[0].outcome.name(), "retry");
}
