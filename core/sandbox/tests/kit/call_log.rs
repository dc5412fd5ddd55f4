use std::time::Duration;

use outflow_sandbox::{Fault, FaultAction, Match, Sandbox};

use crate::notes::{Notes, get, post_note, send};

#[tokio::test(start_paused = true)]
async fn calls_cost_and_refusals_are_counted_per_operation() {
    let notes = Notes::new();
    let transport = notes.transport();
    for _ in 0..6 {
        send(&transport, post_note("a")).await;
    }
    send(&transport, get("/notes")).await;
    send(&transport, get("/token")).await;
    let log = &notes.controls().log;
    assert_eq!((log.calls(), log.cost(), log.refused()), (7, 51, 1));
    let added = log.operation("add note");
    assert_eq!((added.calls, added.cost, added.refused), (6, 50, 1));
    assert_eq!(log.calls_to("token"), 1, "listed, though not in the total");
    assert_eq!(log.calls_to("nothing"), 0);
    assert_eq!(log.operations().len(), 3);
    log.reset();
    assert_eq!((log.calls(), log.operations().len(), log.refusals().len()), (0, 0, 0));
}

#[tokio::test]
async fn a_call_that_met_a_fault_before_the_limits_arrived_but_cost_nothing() {
    let notes = Notes::new();
    let log = &notes.controls().log;
    notes.controls().faults.push(Fault::new(Match::default(), FaultAction::Reset));
    send(&notes.transport(), post_note("a")).await;
    assert_eq!((log.calls(), log.cost()), (1, 0));
    assert_eq!(notes.gate().usage().daily.unwrap().used, 0);
}

#[tokio::test]
async fn whole_exchanges_are_kept_when_asked_for() {
    let notes = Notes::unlimited();
    let transport = notes.transport();
    let (controls, log) = (notes.controls(), &notes.controls().log);
    send(&transport, post_note("before")).await;
    assert!(log.exchanges().is_empty());

    controls.set_capture(true);
    let mut request = post_note("hello");
    *request.uri_mut() = "https://notes.example/notes?a=b%20c".parse().unwrap();
    request.headers_mut().insert("x-mine", "1".parse().unwrap());
    send(&transport, request).await;
    controls.faults.extend([
        Fault::new(Match::default(), FaultAction::Truncated),
        Fault::new(Match::default(), FaultAction::ResetAfter),
    ]);
    send(&transport, post_note("half")).await;
    send(&transport, post_note("lost")).await;

    let exchanges = log.exchanges();
    let first = &exchanges[0];
    assert_eq!((first.path.as_str(), first.query.as_str()), ("/notes", "a=b%20c"));
    assert_eq!(first.operation, "add note");
    assert_eq!(first.request_headers["x-mine"], "1");
    assert_eq!(first.request_headers["host"], "notes.example");
    assert_eq!(&first.request_body[..], b"hello");
    assert_eq!((first.status, &first.response_body[..]), (Some(200), &b"kept hello"[..]));
    assert!(first.response_headers.contains_key("content-type"));
    assert_eq!((exchanges[1].status, &exchanges[1].response_body[..]), (Some(200), &b"kept"[..]));
    assert_eq!((exchanges[2].status, exchanges[2].response_body.len()), (None, 0));
}

#[tokio::test(start_paused = true)]
async fn what_a_fault_made_of_an_answer_is_marked() {
    let notes = Notes::unlimited();
    let (controls, log) = (notes.controls(), &notes.controls().log);
    controls.set_capture(true);
    let actions = [
        (FaultAction::Html { status: 403 }, true),
        (FaultAction::Reset, true),
        (FaultAction::ResetAfter, true),
        (FaultAction::Truncated, true),
        (FaultAction::Delay { ms: 5 }, false),
        (FaultAction::ExpireToken, false),
    ];
    for (action, _) in &actions {
        controls.faults.push(Fault::new(Match::default(), action.clone()));
        send(&notes.transport(), post_note("a")).await;
    }
    let marked: Vec<bool> = log.exchanges().iter().map(|exchange| exchange.is_fault).collect();
    assert_eq!(marked, actions.map(|(_, is_fault)| is_fault));
}

#[tokio::test(start_paused = true)]
async fn a_call_under_way_when_the_log_is_reset_is_not_written_over_another() {
    let notes = Notes::unlimited();
    let controls = notes.controls();
    controls.set_capture(true);
    controls.set_latency(Duration::from_secs(1));
    let transport = notes.transport();
    let slow = tokio::spawn({
        let transport = transport.clone();
        async move { send(&transport, post_note("slow")).await }
    });
    tokio::time::sleep(Duration::from_millis(500)).await;
    controls.log.reset();
    let next = tokio::spawn(async move { send(&transport, post_note("next")).await });
    slow.await.unwrap();
    assert_eq!(controls.log.exchanges()[0].status, None);
    next.await.unwrap();
    assert_eq!(&controls.log.exchanges()[0].response_body[..], b"kept next");
}
