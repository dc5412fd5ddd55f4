//! Calls that get no answer, or one that cannot be read.

use outflow_core::{Clock, ErrorKind, Limits};
use rstest::rstest;
use serde::Deserialize;

use super::URL;
use crate::scripted::{Reply, Wire, millis, secs};

#[derive(Debug, Deserialize)]
struct Person {
    id: u64,
}

#[rstest]
#[case::connection_lost(Reply::broken())]
#[case::bad_gateway(Reply::new(502, "<html>"))]
#[case::server_error(Reply::new(500, ""))]
#[case::request_timeout(Reply::new(408, ""))]
#[case::no_answer_in_time(Reply::ok().after(secs(61)))]
#[tokio::test(start_paused = true)]
async fn a_write_that_may_have_happened_is_not_sent_again(
    #[case] reply: Reply,
    #[values("POST", "PATCH")] method: &str,
) {
    let wire = Wire::replies(&Clock::system(), [reply]);
    let http = wire.http();
    let call = match method {
        "POST" => http.post("create", URL),
        _ => http.patch("create", URL),
    };
    let error = call.send().await.unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::NoAnswer);
    assert!(error.message().starts_with("create "), "{error}");
    assert_eq!(wire.sent().len(), 1);
}

#[rstest]
#[case::get("GET")]
#[case::put("PUT")]
#[case::delete("DELETE")]
#[case::said_so("POST")]
#[tokio::test(start_paused = true)]
async fn a_call_that_can_be_repeated_is_sent_again(#[case] method: &str) {
    let clock = Clock::system();
    let wire = Wire::replies(&clock, [Reply::broken(), Reply::ok().after(secs(61))]);
    let http = wire.http();
    let call = match method {
        "GET" => http.get("call", URL),
        "PUT" => http.put("call", URL),
        "DELETE" => http.delete("call", URL),
        _ => http.post("call", URL).idempotent(true),
    };
    call.send().await.unwrap();
    assert_eq!(wire.sent().len(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_write_that_never_left_is_sent_again() {
    let wire = Wire::replies(&Clock::system(), [Reply::not_sent(), Reply::not_sent()]);
    wire.http().post("create", URL).send().await.unwrap();
    assert_eq!(wire.sent().len(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_host_that_cannot_be_reached_is_unavailable_in_the_end() {
    let wire = Wire::new(&Clock::system(), |_, _| Reply::not_sent());
    let error = wire.http().post("create", URL).send().await.unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Unavailable { retry_after: None });
    assert_eq!(error.code(), Some("unreachable"));
    assert_eq!(error.message(), "create could not be sent: connection refused");
    assert_eq!(wire.sent().len(), 5, "one and four retries");
}

#[tokio::test(start_paused = true)]
async fn a_write_that_was_told_to_slow_down_did_not_happen() {
    let wire = Wire::replies(&Clock::system(), [Reply::new(429, ""), Reply::new(429, "")]);
    wire.http().post("create", URL).send().await.unwrap();
    assert_eq!(wire.sent().len(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_call_waits_for_its_answer_as_long_as_it_says() {
    let clock = Clock::system();
    let wire = Wire::new(&clock, |_, _| Reply::ok().after(millis(90_001)));
    let http = wire.limited(Limits::none().in_flight(1));
    let patient = http.post("merge", URL).timeout(secs(180)).send().await;
    assert!(patient.is_ok());
    assert_eq!(clock.elapsed(), millis(90_001));

    let error = http.post("merge", URL).timeout(secs(90)).send().await.unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::NoAnswer);
    assert!(error.message().contains("nothing came within 90 s"), "{error}");
    assert_eq!(clock.elapsed(), millis(180_001));
    assert_eq!(http.limiter().left().in_flight, 0, "its place in flight is free again");
}

#[rstest]
#[case::html("<html><body>Down for maintenance</body></html>")]
#[case::cut_short(r#"{"id": 7"#)]
#[case::empty("")]
#[case::another_shape(r#"{"person": 7}"#)]
#[tokio::test(start_paused = true)]
async fn an_answer_that_cannot_be_read_leaves_a_write_unknown(#[case] body: &'static str) {
    let wire = Wire::new(&Clock::system(), move |_, _| Reply::new(200, body));
    let http = wire.http();

    let error = http.post("create", URL).receive::<Person>().await.unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::NoAnswer);
    assert_eq!(error.code(), Some("unreadable_answer"));

    let error = http.get("find", URL).receive::<Person>().await.unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Unavailable { retry_after: None });
    assert!(std::error::Error::source(&error).is_some(), "it says what is wrong");
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_can_be_read_is() {
    let wire = Wire::replies(&Clock::system(), [Reply::new(200, r#"{"id": 7}"#)]);
    let person: Person = wire.http().get("find", URL).receive().await.unwrap();
    assert_eq!(person.id, 7);
}

#[tokio::test(start_paused = true)]
async fn an_answer_cut_short_is_asked_for_again_where_that_does_no_harm() {
    let cut = || Reply::new(200, r#"{"id": "#);
    let wire = Wire::replies(&Clock::system(), [cut(), Reply::new(200, r#"{"id": 7}"#)]);
    let person: Person = wire.http().get("find", URL).receive().await.unwrap();
    assert_eq!(person.id, 7);

    let wire = Wire::replies(&Clock::system(), [cut(), Reply::new(200, r#"{"id": 7}"#)]);
    let error = wire.http().post("create", URL).receive::<Person>().await.unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::NoAnswer, "it may have been created");
}
