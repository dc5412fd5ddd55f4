use std::collections::BTreeMap;
use std::time::Duration;

use outflow_core::http::{Transport, TransportError};
use outflow_sandbox::{Fault, FaultAction, InProcess, Match, Sandbox};
use tokio::time::{Instant, timeout};

use crate::notes::{HOST, Notes, get, post_note, send};

/// Sends one note to a sandbox with one fault; what came back, and how many notes are kept.
async fn one(action: FaultAction) -> (String, usize) {
    let notes = Notes::unlimited();
    notes.controls().faults.push(Fault::new(Match::default(), action));
    let answer = send(&notes.transport(), post_note("a")).await;
    (answer, notes.kept())
}

#[tokio::test]
async fn an_answer_by_script_applies_nothing() {
    let status =
        FaultAction::Status { status: 502, body: "Bad Gateway".to_owned(), headers: BTreeMap::new() };
    assert_eq!(one(status).await, ("502 Bad Gateway".to_owned(), 0));
}

#[tokio::test]
async fn headers_of_a_scripted_answer_arrive() {
    let notes = Notes::unlimited();
    let headers = BTreeMap::from([("Retry-After".to_owned(), "7".to_owned())]);
    notes.controls().faults.push(Fault::new(
        Match::default(),
        FaultAction::Status { status: 503, body: String::new(), headers },
    ));
    let response = notes.transport().send(post_note("a")).await.unwrap();
    assert_eq!(response.headers()["retry-after"], "7");
}

#[tokio::test]
async fn an_error_code_is_worded_by_the_tool() {
    let action = FaultAction::ErrorCode { code: "606".to_owned(), message: "slow down".to_owned() };
    assert_eq!(one(action).await, ("200 606: slow down".to_owned(), 0));
}

#[tokio::test]
async fn a_reset_is_no_answer_before_or_after_the_write() {
    assert_eq!(one(FaultAction::Reset).await, ("no answer".to_owned(), 0));
    assert_eq!(one(FaultAction::ResetAfter).await, ("no answer".to_owned(), 1));
}

#[tokio::test]
async fn a_truncated_answer_is_no_answer_and_the_write_is_applied() {
    assert_eq!(one(FaultAction::Truncated).await, ("no answer".to_owned(), 1));
}

#[tokio::test]
async fn a_proxys_page_is_html() {
    let (answer, kept) = one(FaultAction::Html { status: 403 }).await;
    assert!(answer.starts_with("403 <!DOCTYPE html>"), "{answer}");
    assert_eq!(kept, 0);
}

#[tokio::test(start_paused = true)]
async fn a_timeout_never_answers_before_or_after_the_write() {
    for (action, kept) in [(FaultAction::Timeout, 0), (FaultAction::TimeoutAfter, 1)] {
        let notes = Notes::new();
        notes.controls().faults.push(Fault::new(Match::default(), action));
        let transport = notes.transport();
        let waited = timeout(Duration::from_secs(86_400), transport.send(post_note("a"))).await;
        assert!(waited.is_err());
        assert_eq!(notes.kept(), kept);
        assert_eq!(notes.gate().usage().in_flight, 0);
    }
}

#[tokio::test(start_paused = true)]
async fn a_delay_is_added_to_the_latency() {
    let notes = Notes::unlimited();
    notes.controls().set_latency(Duration::from_millis(200));
    let delay = FaultAction::Delay { ms: 800 };
    notes.controls().faults.push(Fault::new(Match::default(), delay));
    let transport = notes.transport();
    let began = Instant::now();
    assert_eq!(send(&transport, post_note("a")).await, "200 kept a");
    assert_eq!(began.elapsed(), Duration::from_secs(1));
    assert_eq!(send(&transport, post_note("a")).await, "200 kept a");
    assert_eq!(began.elapsed(), Duration::from_millis(1200));
}

#[tokio::test]
async fn an_expired_token_is_what_the_call_meets() {
    let notes = Notes::new();
    let on = Match::operation("add note").nth(2);
    notes.controls().faults.push(Fault::new(on, FaultAction::ExpireToken));
    let transport = notes.transport();
    assert_eq!(send(&transport, post_note("a")).await, "200 kept a");
    assert_eq!(send(&transport, post_note("b")).await, "401 ");
    assert_eq!(notes.kept(), 1);
    // What is screened out takes nothing from the limits.
    assert_eq!(notes.gate().usage().windows[0].used, 1);
}

#[tokio::test]
async fn a_fault_strikes_the_calls_it_was_scripted_for() {
    let notes = Notes::unlimited();
    let faults = &notes.controls().faults;
    faults.push(Fault::new(Match::operation("add note").nth(2).times(2), FaultAction::Reset));
    let transport = notes.transport();
    let mut answers = Vec::new();
    for text in ["a", "b", "c", "d"] {
        answers.push(send(&transport, post_note(text)).await);
        assert_eq!(&send(&transport, get("/notes")).await[..4], "200 ");
    }
    assert_eq!(answers, ["200 kept a", "no answer", "no answer", "200 kept d"]);
    assert_eq!(faults.met(), 2);
}

#[tokio::test]
async fn faults_without_conditions_strike_one_after_the_other() {
    let notes = Notes::unlimited();
    notes.controls().faults.extend([
        Fault::new(Match::default(), FaultAction::Reset),
        Fault::new(Match::default(), FaultAction::ResetAfter),
    ]);
    let transport = notes.transport();
    assert_eq!(send(&transport, post_note("a")).await, "no answer");
    assert_eq!(notes.kept(), 0);
    assert_eq!(send(&transport, post_note("a")).await, "no answer");
    assert_eq!(notes.kept(), 1);
    assert_eq!(send(&transport, post_note("a")).await, "200 kept a");
}

#[tokio::test]
async fn every_condition_must_hold() {
    let matching = Match {
        app: Some("notes".to_owned()),
        method: Some("post".to_owned()),
        path_contains: Some("/not".to_owned()),
        body_contains: Some("poison".to_owned()),
        ..Match::default()
    }
    .always();
    let notes = Notes::unlimited();
    let faults = &notes.controls().faults;
    faults.push(Fault::new(matching.clone(), FaultAction::Reset));
    let elsewhere = Match { app: Some("another".to_owned()), ..Match::default() };
    faults.push(Fault::new(elsewhere.always(), FaultAction::Reset));
    let transport = notes.transport();
    assert_eq!(send(&transport, post_note("fine")).await, "200 kept fine");
    assert_eq!(send(&transport, post_note("some poison")).await, "no answer");
    assert_eq!(send(&transport, post_note("more poison")).await, "no answer");
    faults.clear();
    assert_eq!(send(&transport, post_note("poison")).await, "200 kept poison");
}

#[tokio::test]
async fn one_transport_serves_many_hosts_and_knows_which_it_does_not() {
    let (one, two) = (Notes::unlimited(), Notes::unlimited());
    let transport = InProcess::new()
        .with("https://one.example/rest", one.clone())
        .with("HTTPS://Two.example:443", two.clone());
    for (url, expected) in [
        ("https://one.example/notes", true),
        ("https://two.example/notes", true),
        ("https://two.example:8443/notes", false),
        (HOST, false),
    ] {
        let request = http::Request::post(url).body("a".into()).unwrap();
        match transport.send(request).await {
            Ok(_) => assert!(expected, "{url}"),
            Err(TransportError::NotSent(message)) => {
                assert!(!expected, "{url}");
                assert!(!message.contains("example"), "no URL in errors");
            }
            Err(other) => panic!("{url}: {other}"),
        }
    }
    assert_eq!((one.kept(), two.kept()), (1, 1));
}
