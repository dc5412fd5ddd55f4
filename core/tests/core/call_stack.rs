//! The call stack: what each answer makes of a call.

mod cancelled;
mod retried;
mod secrets;
mod throttled;
mod token;
mod unanswered;

use http::HeaderName;
use outflow_core::http::{Api, CallInfo, HttpStatus, Response, retry_after, verdict_of_status};
use outflow_core::{Clock, Error, ErrorKind, Limiter, Limits, Result};
use rstest::rstest;

use crate::scripted::{Reply, Wire, millis, secs};

const URL: &str = "https://crm.example/people";

#[tokio::test(start_paused = true)]
async fn a_call_goes_out_as_it_was_built() {
    let wire = Wire::replies(&Clock::system(), [Reply::new(200, r#"{"id":7}"#)]);
    let answer: serde_json::Value = wire
        .http()
        .patch("update", URL)
        .query("q", "a&b ü")
        .header(HeaderName::from_static("x-a"), "b".parse().unwrap())
        .json(&serde_json::json!({ "name": "Ada" }))
        .receive()
        .await
        .unwrap();

    assert_eq!(answer["id"], 7);
    let sent = &wire.sent()[0];
    assert_eq!(sent.request.method(), "PATCH");
    assert_eq!(sent.request.uri(), "https://crm.example/people?q=a%26b+%C3%BC");
    assert_eq!(sent.header("content-type"), ["application/json"]);
    assert_eq!(sent.header("x-a"), ["b"]);
    assert_eq!(sent.request.body(), r#"{"name":"Ada"}"#);
}

#[tokio::test(start_paused = true)]
async fn a_form_goes_out_percent_encoded() {
    let wire = Wire::replies(&Clock::system(), []);
    let form = wire.http().post("create", URL).form([("name", "a=b&c"), ("e", "ü")]);
    form.send().await.unwrap();
    let sent = &wire.sent()[0];
    assert_eq!(sent.request.body(), "name=a%3Db%26c&e=%C3%BC");
    assert_eq!(sent.header("content-type"), ["application/x-www-form-urlencoded"]);
}

#[rstest]
#[case(301, ErrorKind::Configuration)]
#[case(307, ErrorKind::Configuration)]
#[case(400, ErrorKind::Rejected)]
#[case(402, ErrorKind::Configuration)]
#[case(403, ErrorKind::Configuration)]
#[case(404, ErrorKind::Gone)]
#[case(409, ErrorKind::Rejected)]
#[case(410, ErrorKind::Gone)]
#[case(413, ErrorKind::TooLarge)]
#[case(414, ErrorKind::TooLarge)]
#[case(422, ErrorKind::Rejected)]
#[tokio::test(start_paused = true)]
async fn a_final_answer_is_not_asked_for_again(#[case] status: u16, #[case] kind: ErrorKind) {
    let wire = Wire::new(&Clock::system(), move |_, _| {
        Reply::new(status, "  no\n  such thing ").header("location", "https://evil.example/")
    });
    let error = wire.http().get("find", URL).send().await.unwrap_err();
    assert_eq!(error.kind(), &kind);
    assert_eq!(error.code(), Some(status.to_string().as_str()));
    assert_eq!(error.message(), format!("find answered HTTP {status}: no such thing"));
    assert_eq!(wire.sent().len(), 1, "neither repeated nor redirected elsewhere");
}

#[tokio::test(start_paused = true)]
async fn only_the_beginning_of_a_long_answer_is_in_the_message() {
    let wire = Wire::replies(&Clock::system(), [Reply::new(400, "ü".repeat(5_000))]);
    let error = wire.http().get("find", URL).send().await.unwrap_err();
    assert!(error.message().chars().count() < 250, "{error}");
}

/// An API that says everything inside a 200.
struct Envelope;

impl Api for Envelope {
    fn verdict(&self, call: &CallInfo, response: &Response, clock: &Clock) -> Result<()> {
        verdict_of_status(call, response, clock)?;
        match &response.body()[..] {
            b"slow down" => Err(Error::throttled(None, "606")),
            b"expired" => Err(Error::new(ErrorKind::TokenExpired, "602")),
            _ => Ok(()),
        }
    }

    fn observe(&self, _: &CallInfo, response: &Response, limiter: &Limiter) {
        let left = response.headers().get("x-left");
        if let Some(left) = left.and_then(|left| left.to_str().ok()?.parse().ok()) {
            limiter.correct_daily(left);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_api_that_says_slow_down_inside_a_200_is_understood() {
    let wire = Wire::replies(&Clock::system(), [Reply::new(200, "slow down"), Reply::new(200, "done")]);
    let response = wire.http().with_api(Envelope).get("find", URL).send().await.unwrap();
    assert_eq!(response.body(), "done");
    assert_eq!(wire.sent().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn what_an_answer_says_of_the_limits_reaches_the_limiter() {
    let wire = Wire::replies(&Clock::system(), [Reply::new(400, "").header("x-left", "3")]);
    let limits = Limits::none().daily(100, jiff::tz::TimeZone::UTC);
    let http = wire.limited(limits).with_api(Envelope);
    http.get("find", URL).send().await.unwrap_err();
    assert_eq!(http.limiter().left().daily.unwrap().0, 3);
}

#[tokio::test(start_paused = true)]
async fn every_attempt_is_counted_and_token_calls_are_not() {
    let wire = Wire::replies(&Clock::system(), [Reply::new(503, ""), Reply::new(503, "")]);
    let http = wire.http().with_api(HttpStatus);
    http.get("find", URL).cost(20).send().await.unwrap();
    http.post("create", URL).cost(5).send().await.unwrap();
    http.get("token", URL).uncounted().send().await.unwrap();

    let counts = http.meter().counts();
    assert_eq!((counts.total, counts.cost), (4, 65));
    assert_eq!(counts.by_operation["find"], 3);
    assert_eq!(counts.by_operation["create"], 1);
    assert_eq!(counts.by_operation.len(), 2);
    assert_eq!(
        serde_json::to_value(&counts).unwrap(),
        serde_json::json!({ "total": 4, "by_operation": { "create": 1, "find": 3 } })
    );
}

#[tokio::test(start_paused = true)]
async fn a_url_that_is_none_is_an_error_of_configuration() {
    let wire = Wire::replies(&Clock::system(), []);
    let error = wire.http().get("find", "crm.example").query("q", "1").send().await.unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Configuration);
    assert!(error.message().contains(r#""crm.example" is not a URL"#), "{error}");
    assert!(wire.sent().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_url_too_long_to_send_is_too_large() {
    let wire = Wire::replies(&Clock::system(), []);
    let call = wire.http().get("find", URL).query("q", "x".repeat(70_000));
    assert_eq!(call.send().await.unwrap_err().kind(), &ErrorKind::TooLarge);
    assert!(wire.sent().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_value_that_json_cannot_hold_is_the_plugins_fault() {
    let wire = Wire::replies(&Clock::system(), []);
    let keyed_by_a_list = std::collections::BTreeMap::from([(vec![1], 2)]);
    let call = wire.http().post("create", URL).json(&keyed_by_a_list);
    assert_eq!(call.send().await.unwrap_err().kind(), &ErrorKind::Plugin);
    assert!(wire.sent().is_empty());
}

#[rstest]
#[case("17", Some(17_000))]
#[case(" 0 ", Some(0))]
#[case("Thu, 15 Jan 2026 12:00:30 GMT", Some(30_000))]
#[case::in_the_past("Thu, 15 Jan 2026 11:00:00 GMT", Some(0))]
#[case("soon", None)]
#[case("-5", None)]
#[case("", None)]
#[tokio::test(start_paused = true)]
async fn retry_after_is_read_in_both_its_forms(#[case] text: &str, #[case] expected: Option<u64>) {
    let clock = Clock::starting_at("2026-01-15T12:00:00Z".parse().unwrap());
    let mut headers = http::HeaderMap::new();
    assert_eq!(retry_after(&headers, &clock), None);
    headers.insert("retry-after", text.parse().unwrap());
    assert_eq!(retry_after(&headers, &clock), expected.map(millis));
}

#[tokio::test(start_paused = true)]
async fn an_absurd_retry_after_does_not_overflow() {
    let wire = Wire::replies(
        &Clock::system(),
        [429, 503].map(|status| Reply::new(status, "").header("retry-after", &u64::MAX.to_string())),
    );
    let http = wire.http();
    let throttled = http.get("find", URL).send().await.unwrap_err();
    assert_eq!(throttled.retry_after(), Some(secs(u64::MAX)));
    let http = wire.http();
    let unavailable = http.get("find", URL).send().await.unwrap_err();
    assert_eq!(unavailable.retry_after(), Some(secs(u64::MAX)));
    assert_eq!(wire.sent().len(), 2);
}
